using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>
/// Managed plugins (engine-authz.md section 3, rows 25–28): image content that runs with the engine's rights. Their parameters are in
/// the query; the body holds the privileges that the client agreed to, which prove nothing (CVE-2026-33997).
/// </summary>
internal static class Plugins
{
    public static EngineRequest Pull(KnownRequest request) =>
        Install(request, request.Query["name"] is { Length: > 0 } name ? name : request.Query["remote"]);

    public static EngineRequest Upgrade(KnownRequest request) => Install(request, request.Name);

    /// <summary>Nothing shows what is in the archive, so such a plugin could never be enabled: better to say so at once.</summary>
    public static EngineRequest Create(KnownRequest request) => request.Refused(
        ReasonCode.RefusedByPolicy,
        $"plugin {UntrustedText.Escape(request.Query["name"])} would be made from an archive that nobody signed; "
            + "push it to a registry, sign it, and install it by its digest");

    private static EngineRequest Install(KnownRequest request, string name)
    {
        var remote = request.Query["remote"];
        return ImageReferenceParser.TryParseNamed(remote, out var reference, out var problem)
            ? new PluginInstallRequest(request.Endpoint.Name, reference, name)
            : request.Refused(ReasonCode.BadReference, $"plugin {UntrustedText.Escape(remote)} {problem}; correct the plugin's name");
    }
}
