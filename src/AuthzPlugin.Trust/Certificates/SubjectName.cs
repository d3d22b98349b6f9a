using System.Formats.Asn1;
using System.Text;

namespace AuthzPlugin.Trust.Certificates;

/// <summary>Reads a distinguished name (RFC 5280 4.1.2.4) for its common name alone.</summary>
internal static class SubjectName
{
    private const string CommonNameOid = "2.5.4.3";

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>
    /// The last common name, as Go's pkix.Name keeps it; null when there is none, or when it is not UTF8String, PrintableString or
    /// IA5String. Never the alternative names or the mail address.
    /// </summary>
    internal static string? LastCommonName(byte[] name)
    {
        try
        {
            string? result = null;
            var parts = new AsnReader(name, AsnEncodingRules.DER).ReadSequence();
            while (parts.HasData)
            {
                for (var part = parts.ReadSetOf(skipSortOrderValidation: true); part.HasData;)
                {
                    var attribute = part.ReadSequence();
                    var isCommonName = attribute.ReadObjectIdentifier() == CommonNameOid;
                    result = isCommonName ? ReadText(attribute) : result;
                }
            }

            return result;
        }
        catch (AsnContentException)
        {
            // Malformed names have no common name, and a root certificate without one matches no repository.
            return null;
        }
    }

    private static string? ReadText(AsnReader attribute)
    {
        var tag = attribute.PeekTag();
        var bytes = attribute.PeekContentBytes().Span;
        if (tag == new Asn1Tag(UniversalTagNumber.UTF8String))
        {
            return System.Text.Unicode.Utf8.IsValid(bytes) ? StrictUtf8.GetString(bytes) : null;
        }

        // Go lets * and & pass in a PrintableString, which AsnReader does not; so ASCII is read from the bytes.
        var isAscii = tag == new Asn1Tag(UniversalTagNumber.PrintableString) || tag == new Asn1Tag(UniversalTagNumber.IA5String);
        return isAscii && Ascii.IsValid(bytes) ? Encoding.ASCII.GetString(bytes) : null;
    }
}
