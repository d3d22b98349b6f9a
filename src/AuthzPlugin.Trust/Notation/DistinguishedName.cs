using System.Formats.Asn1;
using System.Text;

namespace AuthzPlugin.Trust.Notation;

/// <summary>
/// A name as attributes and values, from a certificate's subject or from the text of a trusted identity. Names are those that notation
/// prints; an attribute without one has its object identifier.
/// </summary>
internal sealed class DistinguishedName
{
    // As Go's crypto/x509/pkix prints them.
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["2.5.4.3"] = "CN",
        ["2.5.4.5"] = "SERIALNUMBER",
        ["2.5.4.6"] = "C",
        ["2.5.4.7"] = "L",
        ["2.5.4.8"] = "ST",
        ["2.5.4.9"] = "STREET",
        ["2.5.4.10"] = "O",
        ["2.5.4.11"] = "OU",
        ["2.5.4.17"] = "POSTALCODE",
    };

    private readonly IReadOnlyList<KeyValuePair<string, string>> _attributes;

    internal DistinguishedName(IReadOnlyList<KeyValuePair<string, string>> attributes) => _attributes = attributes;

    /// <summary>In the order in which they stand.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Attributes => _attributes;

    /// <summary>
    /// Whether it can be compared at all: every attribute has a name and stands there once (notation refuses the others too).
    /// </summary>
    internal bool IsComparable =>
        _attributes.All(a => !char.IsAsciiDigit(a.Key[0])) && _attributes.DistinctBy(a => a.Key, StringComparer.Ordinal).Count() == _attributes.Count;

    /// <exception cref="AsnContentException">The bytes are no name.</exception>
    internal static DistinguishedName Read(ReadOnlyMemory<byte> name)
    {
        var parts = new AsnReader(name, AsnEncodingRules.DER).ReadSequence();
        var attributes = new List<KeyValuePair<string, string>>();
        while (parts.HasData)
        {
            for (var part = parts.ReadSetOf(skipSortOrderValidation: true); part.HasData;)
            {
                var attribute = part.ReadSequence();
                var oid = attribute.ReadObjectIdentifier();
                attributes.Add(new(Names.GetValueOrDefault(oid, oid), ReadText(attribute)));
                attribute.ThrowIfNotEmpty();
            }
        }

        return new DistinguishedName(attributes);
    }

    /// <summary>Whether every attribute of this name stands in the other one with the same value.</summary>
    internal bool IsSubsetOf(DistinguishedName other) => _attributes.All(a => other._attributes.Contains(a));

    /// <summary>The last attribute first, as RFC 4514 has it.</summary>
    public override string ToString() => _attributes.Count == 0
        ? "an empty subject"
        : string.Join(",", _attributes.Reverse().Select(a => $"{a.Key}={Escape(a.Value)}"));

    private static string Escape(string value)
    {
        var text = new StringBuilder();
        foreach (var c in value)
        {
            text.Append(c is ',' or '+' or '"' or '\\' or '<' or '>' or ';' ? "\\" : "").Append(c);
        }

        return text.ToString();
    }

    private static string ReadText(AsnReader attribute)
    {
        var tag = attribute.PeekTag();
        var bytes = attribute.PeekContentBytes();
        if (tag == new Asn1Tag(UniversalTagNumber.BMPString))
        {
            return attribute.ReadCharacterString(UniversalTagNumber.BMPString);
        }

        // Go lets more characters pass in a PrintableString than AsnReader does, so these are read from the bytes.
        var isUtf8 = tag == new Asn1Tag(UniversalTagNumber.UTF8String) && System.Text.Unicode.Utf8.IsValid(bytes.Span);
        var isAscii = (tag == new Asn1Tag(UniversalTagNumber.PrintableString) || tag == new Asn1Tag(UniversalTagNumber.IA5String)) && Ascii.IsValid(bytes.Span);
        if (!isUtf8 && !isAscii)
        {
            throw new AsnContentException("a name is in an encoding that is not read");
        }

        attribute.ReadEncodedValue();
        return Encoding.UTF8.GetString(bytes.Span);
    }
}
