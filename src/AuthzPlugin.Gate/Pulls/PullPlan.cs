using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Gate.Proxy;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Gate.Pulls;

/// <summary>A pull of a tag that can be made a pull of a digest.</summary>
/// <param name="Request">As the client sent it.</param>
/// <param name="Version">Prefix of the path, such as <c>/v1.41</c>; may be empty.</param>
/// <param name="Image">What it pulls; has a tag (or means <c>latest</c>) and no digest.</param>
internal sealed record PullPlan(RequestHead Request, string Version, NamedReference Image)
{
    public string Tag => Image.EffectiveTag;

    /// <summary>Null when the request is anything else, or not to be read with certainty: the plugin decides it then.</summary>
    public static PullPlan? Of(RequestHead head, RequestRoute route)
    {
        // Only what needs no body: the engine takes parameters from a form in one.
        if (head.Framing.Kind != BodyFramingKind.None || route.Query is null)
        {
            return null;
        }

        var headers = head.Headers
            .Where(h => h.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
            .ToDictionary(_ => "Content-Type", h => h.Value, StringComparer.Ordinal);
        headers["Content-Length"] = "0";
        var read = EngineRequestReader.Read(new AuthZRequest(head.Method, head.Target, headers, default, null, null));
        return read is PullRequest { Image: { Digest: null } image } ? new PullPlan(head, route.Version, image) : null;
    }

    /// <summary>The same pull by digest. The engine takes a digest in <c>tag</c>, and then no tag of the name.</summary>
    public RequestHead ByDigest(Digest digest)
    {
        var question = Request.Target.IndexOf('?', StringComparison.Ordinal);
        var others = Request.Target[(question + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries).Where(p => KeyOf(p) != "tag");
        return Request with { Target = $"{Request.Target[..question]}?{string.Join('&', [.. others, "tag=" + Uri.EscapeDataString(digest.ToString())])}" };
    }

    /// <summary>Sets the tag on what was pulled.</summary>
    public RequestHead SetTag(Digest digest) => Ask(
        "POST", $"/images/{Image.Repository}@{digest}/tag?repo={Uri.EscapeDataString(Image.Repository.ToString())}&tag={Uri.EscapeDataString(Tag)}");

    /// <summary>Asks what the engine has under a name.</summary>
    /// <param name="suffix">Tag or digest with its separator.</param>
    public RequestHead Inspect(string suffix) => Ask("GET", $"/images/{Image.Repository}{suffix}/json");

    private RequestHead Ask(string method, string target) => new(
        method,
        Version + target,
        new HeaderFields([new HeaderField("Host", Request.Headers["Host"] ?? ""), new HeaderField("User-Agent", Request.Headers["User-Agent"] ?? "")]));

    private static string KeyOf(string part)
    {
        var equals = part.IndexOf('=', StringComparison.Ordinal);
        return Uri.UnescapeDataString(equals < 0 ? part : part[..equals]);
    }
}
