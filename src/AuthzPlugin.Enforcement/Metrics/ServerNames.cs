using System.Collections.Frozen;
using AuthzPlugin.Enforcement.Policy;

namespace AuthzPlugin.Enforcement.Metrics;

/// <summary>
/// Names of trust servers in metrics: those that the policy names. A pattern such as <c>registry*</c> lets any user invent hosts by the
/// thousand; they are all <see cref="Other"/>.
/// </summary>
internal sealed class ServerNames(Func<TrustPolicy?> policy)
{
    public const string Other = "other";

    private volatile Known _known = new("", FrozenSet<string>.Empty);

    public string NameOf(Uri server)
    {
        if (policy() is { } now && now.Fingerprint != _known.Fingerprint)
        {
            _known = new Known(now.Fingerprint, In(now).ToFrozenSet(StringComparer.Ordinal));
        }

        return _known.Hosts.TryGetValue(server.Authority, out var name) ? name : Other;
    }

    /// <summary>Servers of <c>trust-servers</c>, and the default server of each registry that a pin names in full.</summary>
    private static IEnumerable<string> In(TrustPolicy policy) =>
        policy.TrustServers.All.Select(s => s.Value.Authority).Concat(
            policy.Pins.All
                .Select(p => p.Pattern.Split('/'))
                .Where(parts => parts.Length > 1)
                .Select(parts => TrustServers.Default(parts[0]).Authority));

    private sealed record Known(string Fingerprint, FrozenSet<string> Hosts);
}
