using System.Formats.Asn1;

namespace AuthzPlugin.Trust.Cryptography;

/// <summary>DER shape checks that the platform's importers leave out.</summary>
internal static class Der
{
    /// <summary>Whether the bytes are one sequence and nothing after it.</summary>
    internal static bool IsSingleValue(ReadOnlySpan<byte> bytes) =>
        AsnDecoder.TryReadEncodedValue(bytes, AsnEncodingRules.DER, out var tag, out _, out _, out var consumed)
        && tag == Asn1Tag.Sequence
        && consumed == bytes.Length;
}
