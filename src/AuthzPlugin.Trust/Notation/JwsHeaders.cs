using AuthzPlugin.Trust.Json;

namespace AuthzPlugin.Trust.Notation;

/// <summary>Protected headers in JWS (Notary Project, signature-envelope-jws.md, "Protected Headers").</summary>
internal static class JwsHeaders
{
    private const int MaxDepth = 16;
    private const int MaxTokens = 4096;

    /// <exception cref="FormatException">They are no JSON object, or a header is of another kind than it should be.</exception>
    internal static HeaderValues Read(ReadOnlyMemory<byte> bytes)
    {
        var root = StrictJson.Parse(bytes, MaxDepth, MaxTokens).Root;
        var (critical, names) = (new List<string>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var (name, _) in root.Members())
        {
            names.Add(name.GetString());
        }

        foreach (var item in root.Get("crit").Items())
        {
            critical.Add(item.GetString());
        }

        return new HeaderValues(
            root.Get("alg").GetString(),
            root.Get("cty").GetString(),
            root.Get(SignedAttributes.SchemeName).GetString(),
            Time(root, SignedAttributes.SigningTimeName),
            Time(root, SignedAttributes.AuthenticSigningTimeName),
            Time(root, SignedAttributes.ExpiryName),
            critical,
            names);
    }

    private static DateTimeOffset? Time(JsonValue root, string name) =>
        root.FindNotNull(name) is { } value ? Rfc3339.Parse(value.Utf8) : null;
}
