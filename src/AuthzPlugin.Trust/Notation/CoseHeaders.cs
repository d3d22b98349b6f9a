namespace AuthzPlugin.Trust.Notation;

/// <summary>Protected headers in COSE (Notary Project, signature-envelope-cose.md, "Protected Header").</summary>
internal static class CoseHeaders
{
    private const ulong EpochTag = 1;

    /// <exception cref="FormatException">They are no map, a header stands there twice, or one is of another kind than it should be.</exception>
    internal static HeaderValues Read(ReadOnlyMemory<byte> bytes)
    {
        var reader = new CborReader(bytes);
        var names = new HashSet<string>(StringComparer.Ordinal);
        var values = new HeaderValues("", null, null, null, null, null, [], names);
        for (var left = reader.ReadMap(); left > 0; left--)
        {
            var name = ReadName(reader);
            if (!names.Add(name))
            {
                throw new FormatException("it has a header twice");
            }

            values = ReadValue(values, name, reader);
        }

        return reader.IsAtEnd ? values : throw new FormatException("something follows its headers");
    }

    private static HeaderValues ReadValue(HeaderValues values, string name, CborReader reader)
    {
        switch (name)
        {
            case "label 1":
                return values with { Algorithm = NameOf(reader.ReadInteger()) };
            case "label 2":
                return values with { Critical = ReadNames(reader) };
            case "label 3":
                return values with { ContentType = reader.ReadText() };
            case SignedAttributes.SchemeName:
                return values with { Scheme = reader.ReadText() };
            case SignedAttributes.SigningTimeName:
                return values with { SigningTime = ReadTime(reader) };
            case SignedAttributes.AuthenticSigningTimeName:
                return values with { AuthenticSigningTime = ReadTime(reader) };
            case SignedAttributes.ExpiryName:
                return values with { Expiry = ReadTime(reader) };
            default:
                reader.Skip();
                return values;
        }
    }

    private static List<string> ReadNames(CborReader reader)
    {
        var result = new List<string>();
        for (var left = reader.ReadArray(); left > 0; left--)
        {
            result.Add(ReadName(reader));
        }

        return result;
    }

    private static string ReadName(CborReader reader) =>
        CoseEnvelope.ReadLabel(reader) is var label && label[0] == '"' ? label[1..] : "label " + label;

    // Seconds since 1970 as an integer: fractions "SHOULD NOT be used", and no signer was seen to write them.
    private static DateTimeOffset ReadTime(CborReader reader)
    {
        reader.ReadTag(EpochTag);
        var seconds = reader.ReadInteger();
        return seconds is >= 0 and <= 253402300799
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw new FormatException("a time is out of range");
    }

    private static string NameOf(long algorithm) => algorithm switch
    {
        -37 => "PS256",
        -38 => "PS384",
        -39 => "PS512",
        -7 => "ES256",
        -35 => "ES384",
        -36 => "ES512",
        _ => throw new FormatException("its algorithm is none that counts"),
    };
}
