using System.Text;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.EngineRequests;

namespace AuthzPlugin.Enforcement.Tests.EngineRequests;

/// <summary>Short ways to send a request to the reader and to say what it read.</summary>
internal static class Asking
{
    public const string A64 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    public static AuthZRequest Request(string method, string uri, string headers = "Content-Length: 0", string body = "") =>
        new(method, uri, Headers(headers), Encoding.UTF8.GetBytes(body), null, null);

    public static EngineRequest Read(string method, string uri, string headers = "Content-Length: 0", string body = "") =>
        EngineRequestReader.Read(Request(method, uri, headers, body));

    /// <summary>A request with a JSON body that the engine shows.</summary>
    public static EngineRequest Json(string method, string uri, string body) =>
        Read(method, uri, $"Content-Type: application/json|Content-Length: {Encoding.UTF8.GetByteCount(body)}", body);

    public static EngineRequest Create(string body) => Json("POST", "/v1.41/containers/create", body);

    /// <summary>One line that says everything about a result, for tables: <c>pull docker.io/library/alpine:3</c>.</summary>
    public static string Describe(EngineRequest request) => request switch
    {
        ReadRequest => "read",
        NoImageRequest => "no image",
        PullRequest pull => $"pull {pull.Image}",
        CreateRequest create => string.Join(" + ", create.ImageMounts.Select(m => $"{m}").Prepend($"create {create.Image}")),
        StartRequest start => $"{start.Kind} {start.Container}",
        NameChangeRequest change => string.Join(' ', new[] { $"{change.Kind}", change.Container, change.NewName }.OfType<string>()),
        RestartPolicyRequest policy => $"restart policy {policy.Container}",
        PolicyGatedRequest gated => $"gate {gated.Gate}",
        RefusedRequest refused => $"refused {refused.Reason.ToText()}",
        _ => throw new ArgumentOutOfRangeException(nameof(request)),
    };

    /// <summary><c>Name: value|Name: value</c>; empty for none.</summary>
    private static Dictionary<string, string> Headers(string lines) =>
        lines.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(": ", 2)).ToDictionary(h => h[0], h => h[1]);
}
