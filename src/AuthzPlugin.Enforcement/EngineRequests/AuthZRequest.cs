using AuthzPlugin.Enforcement.Authorization;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>
/// What dockerd tells about an API request (<c>AuthZPlugin.AuthZReq</c> and <c>AuthZRes</c>, engine-authz.md 1.3).
/// Texts are as they were on the wire of the engine's API, so hostile.
/// </summary>
/// <param name="Method">HTTP method, any text.</param>
/// <param name="Uri">Raw request target with the query; may be absolute-form.</param>
/// <param name="Headers">Canonical Go names; of repeated headers the engine passes the last.</param>
/// <param name="Body">The JSON body when the engine passed it on; empty when it did not, which does not mean that there is none.</param>
/// <param name="User">Common name of a TLS client certificate; null on the Unix socket.</param>
/// <param name="AuthMethod"><c>TLS</c> or null.</param>
public sealed record AuthZRequest(
    string Method,
    string Uri,
    IReadOnlyDictionary<string, string> Headers,
    ReadOnlyMemory<byte> Body,
    string? User,
    string? AuthMethod)
{
    /// <summary>Who called, when the request came through the gate; null when it did not.</summary>
    public CallerIdentity? Caller { get; init; }

    /// <summary>The gate saw what this build begins from, and answers for it.</summary>
    public bool InspectedByGate { get; init; }
}
