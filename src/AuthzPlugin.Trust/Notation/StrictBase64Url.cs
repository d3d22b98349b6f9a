using System.Buffers.Text;

namespace AuthzPlugin.Trust.Notation;

/// <summary>Base64url with one text for each value, as RFC 7515 2 has it: no padding, no white space, unused bits zero.</summary>
internal static class StrictBase64Url
{
    /// <exception cref="FormatException">The text is not the base64url of anything.</exception>
    internal static byte[] Decode(ReadOnlySpan<byte> text)
    {
        var bytes = Base64Url.DecodeFromUtf8(text);
        return Base64Url.EncodeToUtf8(bytes).AsSpan().SequenceEqual(text) ? bytes : throw new FormatException("a value is not base64url as JWS has it");
    }
}
