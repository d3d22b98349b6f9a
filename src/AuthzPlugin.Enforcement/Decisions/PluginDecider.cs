using System.Text.RegularExpressions;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Decisions;

/// <summary>
/// Decides about managed plugins: with <c>plugins: "allow"</c> one is pulled by a signed digest only, and only such a one is enabled.
/// This plugin is protected always: whoever stops a plugin of its name may stop this one, and a managed plugin of its name
/// would be asked instead of it (engine-authz.md 1.1, 1.5).
/// </summary>
internal sealed partial class PluginDecider(PullDecider pulls, EngineClient engine)
{
    public async Task<Decision> DecideAsync(PluginInstallRequest install, TrustPolicy policy, CancellationToken cancellation)
    {
        var trail = new Trail(install.Remote.ToString());
        if (policy.Plugins == PolicyAnswer.Refuse)
        {
            return trail.Refuse(ReasonCode.RefusedByPolicy, Messages.PluginsRefused());
        }

        return IsOwnName(install.Name) ? trail.Refuse(ReasonCode.RefusedByPolicy, Messages.OwnPlugin(install.Name))
            : install.Remote.Digest is null ? trail.Refuse(ReasonCode.BadReference, Messages.PluginWithoutDigest(install.Remote.ToString()))
            : await pulls.DecideAsync(install.Remote, policy, cancellation).ConfigureAwait(false);
    }

    public async Task<Decision> DecideAsync(PluginChangeRequest change, TrustPolicy policy, CancellationToken cancellation)
    {
        var trail = new Trail("");
        var enables = change.Kind == PluginChange.Enable;
        if (IsOwnName(change.Plugin))
        {
            return trail.Refuse(ReasonCode.RefusedByPolicy, Messages.OwnPlugin(change.Plugin));
        }

        if (enables && policy.Plugins == PolicyAnswer.Refuse)
        {
            return trail.Refuse(ReasonCode.RefusedByPolicy, Messages.PluginsRefused());
        }

        try
        {
            var plugin = await engine.FindPluginAsync(change.Plugin, cancellation).ConfigureAwait(false);
            return plugin is null ? trail.Refuse(ReasonCode.BadReference, Messages.NoSuchPlugin(change.Plugin))
                : IsOwnName(plugin.Name) ? trail.Refuse(ReasonCode.RefusedByPolicy, Messages.OwnPlugin(plugin.Name))
                : enables ? await DecideEnableAsync(plugin, policy, cancellation).ConfigureAwait(false)
                : trail.Trust(ReasonCode.AllowedByPolicy, $"plugin {plugin.Name} is not this one");
        }
        catch (EngineException e)
        {
            return Failures.ToDecision(e, trail);
        }
    }

    // The engine verified the digest when it pulled, and no plugin changes its name or content but by another pull (create is refused).
    private async Task<Decision> DecideEnableAsync(EnginePlugin plugin, TrustPolicy policy, CancellationToken cancellation) =>
        ImageReferenceParser.TryParseNamed(plugin.Reference, out var reference, out _) && reference.Digest is not null
            ? await pulls.DecideAsync(reference, policy, cancellation).ConfigureAwait(false)
            : new Trail(plugin.Name).Refuse(ReasonCode.BadReference, Messages.PluginWithoutDigest(plugin.Name));

    private static bool IsOwnName(string name) => OwnName().IsMatch(name);

    [GeneratedRegex(@"\A(?:.*/)?content-trust(?:[:@].*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex OwnName();
}
