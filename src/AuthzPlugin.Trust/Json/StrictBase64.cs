using System.Buffers;
using System.Buffers.Text;

namespace AuthzPlugin.Trust.Json;

/// <summary>
/// Base64 with one text for each value (RFC 4648 section 4): standard alphabet, padding, no white space, unused bits zero.
/// </summary>
internal static class StrictBase64
{
    /// <exception cref="FormatException">The text is not the base64 of anything.</exception>
    internal static byte[] Decode(ReadOnlySpan<byte> text)
    {
        var result = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        var length = Decode(text, result);
        return length == result.Length ? result : result[..length];
    }

    /// <summary>Decodes into <paramref name="output"/> and returns the number of bytes.</summary>
    /// <exception cref="FormatException">The text is not base64, or longer than the output.</exception>
    internal static int Decode(ReadOnlySpan<byte> text, Span<byte> output)
    {
        // The platform passes over white space and nothing else: a text of the right length has none.
        if (Base64.DecodeFromUtf8(text, output, out var consumed, out var written) != OperationStatus.Done
            || consumed != text.Length
            || consumed != Base64.GetMaxEncodedToUtf8Length(written)
            || !HasZeroTail(text, output[..written]))
        {
            throw new FormatException("a value is not base64 of the expected length");
        }

        return written;
    }

    /// <summary>The last group must be what its bytes encode to; only there a second spelling exists.</summary>
    private static bool HasZeroTail(ReadOnlySpan<byte> text, ReadOnlySpan<byte> bytes)
    {
        if (text.IsEmpty)
        {
            return true;
        }

        Span<byte> group = stackalloc byte[4];
        var tail = bytes.Length % 3 == 0 ? 3 : bytes.Length % 3;
        Base64.EncodeToUtf8(bytes[^tail..], group, out _, out _);
        return text[^4..].SequenceEqual(group);
    }
}
