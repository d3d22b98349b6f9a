using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Policy.Json;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.Host;

/// <summary>
/// Keeps the warnings about this host up to date, and says each in the log when it comes up. Looks every minute, and soon after the policy or
/// daemon.json has changed: an administrator who has just put something right must not be told the contrary by <c>status</c>.
/// </summary>
public sealed class HostWatch
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ChangeInterval = TimeSpan.FromMilliseconds(500);

    private readonly HostInspection _inspection;
    private readonly Func<TrustPolicy?> _policy;
    private readonly string _daemonConfig;
    private readonly string _plugin;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private volatile IReadOnlyList<string> _warnings = [];

    /// <param name="policy">Null while it is invalid.</param>
    /// <param name="pluginSocket">Its name is what daemon.json calls us.</param>
    /// <param name="sockets">Others whose rights matter.</param>
    /// <param name="gate">Null without a gate.</param>
    public HostWatch(
        EngineTransport engine,
        Func<TrustPolicy?> policy,
        string daemonConfig,
        string pluginSocket,
        IReadOnlyList<string> sockets,
        TimeProvider time,
        ILogger logger,
        GatePlace? gate = null)
    {
        _inspection = new HostInspection(new EngineClient(engine, time), daemonConfig, "/proc", [pluginSocket, .. sockets], gate);
        _policy = policy;
        _daemonConfig = daemonConfig;
        _plugin = Path.GetFileNameWithoutExtension(pluginSocket);
        _time = time;
        _logger = logger;
    }

    /// <summary>As of the last look.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                var seen = Changeable();
                var now = HostWarnings.Of(await _inspection.LookAsync(cancellation).ConfigureAwait(false), _policy(), _plugin);
                foreach (var warning in now.Except(_warnings, StringComparer.Ordinal))
                {
                    Log.Warning(_logger, warning);
                }

                _warnings = now;
                await WaitAsync(seen, cancellation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    private async Task WaitAsync((string?, EnforcementMode?, FileStamp) seen, CancellationToken cancellation)
    {
        var since = _time.GetTimestamp();
        do
        {
            await Task.Delay(ChangeInterval, _time, cancellation).ConfigureAwait(false);
        }
        while (_time.GetElapsedTime(since) < Interval && Changeable() == seen);
    }

    private (string? Fingerprint, EnforcementMode? Mode, FileStamp File) Changeable()
    {
        var policy = _policy();
        return (policy?.Fingerprint, policy?.Mode, FileStamp.Of(_daemonConfig));
    }
}
