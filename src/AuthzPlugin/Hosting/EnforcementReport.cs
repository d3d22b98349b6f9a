using System.Threading.Channels;
using AuthzPlugin.Enforcement.Authorization;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.Inquiries;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Hosting;

/// <summary>
/// When the mode becomes enforced, says in the log what this host has that is refused from now on: what <c>report --host</c> lists. What runs
/// already is decided and reported by the watch over running containers at the same moment.
/// </summary>
internal sealed class EnforcementReport(
    Func<PolicyInForce> policy, Inquirer inquirer, Action<string, string> record, ILogger logger)
{
    /// <summary>So many images and containers have a line each; the rest are counted.</summary>
    public const int MostLines = 100;

    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private EnforcementMode? _mode = policy().Policy?.Mode;

    /// <summary>The policy, or break-glass, is another one.</summary>
    public void Changed() => _changes.Writer.TryWrite(true);

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (var _ in _changes.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                // An invalid policy is no mode: what counts is what was in force before it.
                var present = policy().Policy;
                var before = _mode;
                _mode = present?.Mode ?? before;
                if (present is { Mode: EnforcementMode.Enforced } && before is (EnforcementMode.Disabled or EnforcementMode.Permissive))
                {
                    await ListAsync(present, cancellation).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    private async Task ListAsync(TrustPolicy present, CancellationToken cancellation)
    {
        try
        {
            var host = await inquirer.ReportHostAsync(present, cancellation).ConfigureAwait(false);
            var images = host.Images.Where(i => !i.IsAllowed).ToArray();
            var containers = host.Containers.Where(c => !c.Decision.IsAllowed).ToArray();
            // Containers first: what somebody made is missed sooner than an image that nobody uses. Those that run are named by the watch of what runs.
            var lines = containers.Where(c => !c.Running).Select(c => $"container {c.Name}: {c.Decision.Message}")
                .Concat(images.Select(i => $"image {i.Image}: {i.Message}"));
            foreach (var line in lines.Take(MostLines))
            {
                Log.RefusedFromNowOn(logger, line);
            }

            var summary = $"{images.Length} of {host.Images.Count} images and {containers.Length} of {host.Containers.Count} containers "
                + $"({containers.Count(c => c.Running)} of them run) are refused from now on; see content-trust report --host";
            Log.NowEnforced(logger, summary);
            record("host-listed", $"the mode became enforced: {summary}");
        }
        catch (EngineException e)
        {
            Log.HostNotListed(logger, UntrustedText.Escape(e.Message));
        }
    }
}
