using AuthzPlugin.Trust.Pinning;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Policy;

/// <summary>Pins that decide for nothing that a host knows: legal, and often a misspelling.</summary>
public static class UnmatchedPins
{
    /// <summary>A warning for each pin that matches none of the repositories.</summary>
    /// <param name="known">Full repository names; what is none is passed over.</param>
    public static IReadOnlyList<PolicyProblem> Of(TrustPolicy policy, IEnumerable<string> known)
    {
        var used = known
            .Select(name => ImageReferenceParser.TryParseNamed(name, out var named, out _) ? policy.Pins.Match(named.Repository) : null)
            .OfType<RootPin>()
            .ToHashSet(ReferenceEqualityComparer.Instance);
        return
        [
            .. policy.Pins.All.Where(p => !used.Contains(p)).Select(p => new PolicyProblem(
                policy.Source ?? "policy",
                $"trust-pinning.{(p.Kind == PinKind.CertIds ? "cert-ids" : "root-keys")}",
                $"\"{p.Pattern}\", which matches no repository of the trust cache, the engine's images or the approvals of this host",
                "a pattern that is used",
                "compare its spelling with docker image ls; leave it when its images are still to come")),
        ];
    }
}
