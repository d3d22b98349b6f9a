using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Gate.BuildKit.Protocol;
using AuthzPlugin.Trust.Errors;
using Google.Protobuf.Collections;

namespace AuthzPlugin.Gate.BuildKit;

/// <summary>What a build may ask for besides images. Pure.</summary>
internal static class BuildRules
{
    // Not host access here, as it is none for containers.
    private const string NetworkHost = "network.host";

    private static readonly string[] AlwaysAllowed = ["local://", "http://", "https://", "git://"];

    private static readonly string[] Frontends = ["", "dockerfile.v0", "gateway.v0"];

    // Both name a build cache to read, the second as JSON.
    private static readonly string[] CacheAttributes = ["cache-from", "cache-imports"];

    /// <summary>Why the build is refused, or null.</summary>
    public static string? Problem(SolveRequest request, TrustPolicy policy)
    {
        if (request.HasUnknownFields || request.Cache?.HasUnknownFields == true)
        {
            return "the build has a field that this version does not know; upgrade content-trust, or build with an older client";
        }

        if (request.SourcePolicySession.Length > 0)
        {
            return "the build asks for its source policy by session, which this version cannot join with its own; build without it";
        }

        if (policy.HostAccess != PolicyAnswer.Allow
            && request.Entitlements.FirstOrDefault(e => e != NetworkHost) is { } entitlement)
        {
            return $"the build asks for {UntrustedText.Escape(entitlement)}, which gives its steps access to the host; "
                + "build without --allow, or have host-access allowed";
        }

        return FrontendProblem(request.Frontend)
            ?? CacheProblem(request.Cache?.Imports.Count > 0 || request.Cache?.ImportRefs.Count > 0, request.FrontendAttrs, policy);
    }

    /// <summary>Why a step of a build is refused, or null. Its sources are bound by the build's policy.</summary>
    public static string? Problem(BridgeSolveRequest request, TrustPolicy policy)
    {
        if (request.HasUnknownFields)
        {
            return "a step of the build has a field that this version does not know; upgrade content-trust, or build with an older client";
        }

        return FrontendProblem(request.Frontend) ?? CacheProblem(request.CacheImports.Count > 0, request.FrontendOpt, policy);
    }

    /// <summary>
    /// How sources begin that need no decision under this policy. What is not here, and no signed image, is denied. Files by URL and
    /// repositories are no images: a step could fetch them as well.
    /// </summary>
    public static IReadOnlyList<string> Prefixes(TrustPolicy policy) =>
        policy.OciLayouts ? [.. AlwaysAllowed, "oci-layout://"] : AlwaysAllowed;

    private static string? FrontendProblem(string frontend) => Frontends.Contains(frontend)
        ? null
        : $"the gate does not know the frontend {UntrustedText.Escape(frontend)}; it knows {string.Join(" and ", Frontends[1..])}";

    // A cache says of itself which steps it holds the results of, the signed image among them.
    private static string? CacheProblem(bool imports, MapField<string, string> attributes, TrustPolicy policy) =>
        (imports || CacheAttributes.Any(a => attributes.TryGetValue(a, out var value) && value.Length > 0))
            && !policy.CacheFrom
            ? "the build reads a build cache from elsewhere (cache-from), whose content nobody signed; leave that out, or see builds-allow in the policy"
            : null;
}
