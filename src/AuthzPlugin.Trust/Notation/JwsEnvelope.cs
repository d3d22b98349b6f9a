using AuthzPlugin.Trust.Json;

namespace AuthzPlugin.Trust.Notation;

/// <summary>An envelope in JWS: the flattened JSON serialization (RFC 7515 7.2.2) with the members that the Notary Project names.</summary>
internal static class JwsEnvelope
{
    internal const string TimestampHeader = "io.cncf.notary.timestampSignature";

    private const int MaxDepth = 16;
    private const int MaxTokens = 4096;

    private static readonly string[] Members = ["payload", "protected", "header", "signature"];

    /// <exception cref="FormatException">It is no such envelope.</exception>
    internal static NotationEnvelope Read(ReadOnlyMemory<byte> bytes)
    {
        var root = StrictJson.Parse(bytes, MaxDepth, MaxTokens).Root;
        foreach (var (name, _) in root.Members())
        {
            // "No additional top level fields are supported" (JWS envelope, "Signature Envelope").
            if (!Members.Contains(name.GetString()))
            {
                throw new FormatException("it has a member that an envelope does not have");
            }
        }

        var signed = root.Get("protected").Utf8;
        var payload = root.Get("payload").Utf8;
        var header = root.Get("header");
        return new NotationEnvelope(
            (byte[])[.. signed, (byte)'.', .. payload],
            StrictBase64Url.Decode(signed),
            StrictBase64Url.Decode(payload),
            StrictBase64Url.Decode(root.Get("signature").Utf8),
            ReadChain(header.Get("x5c")),
            header.FindNotNull(TimestampHeader) is { } timestamp ? StrictBase64.Decode(timestamp.Utf8) : null);
    }

    private static List<ReadOnlyMemory<byte>> ReadChain(JsonValue x5c)
    {
        var chain = new List<ReadOnlyMemory<byte>>();
        foreach (var item in x5c.Items())
        {
            if (chain.Count == NotationEnvelope.MaxCertificates)
            {
                throw new FormatException($"it has more than {NotationEnvelope.MaxCertificates} certificates");
            }

            chain.Add(StrictBase64.Decode(item.Utf8));
        }

        return chain;
    }
}
