using System.Formats.Asn1;

namespace AuthzPlugin.Trust.Notation;

/// <summary>An algorithm with its parameters, as DER has them.</summary>
internal sealed record AlgorithmName(string Oid, ReadOnlyMemory<byte>? Parameters)
{
    internal static AlgorithmName Read(AsnReader reader)
    {
        var sequence = reader.ReadSequence();
        var oid = sequence.ReadObjectIdentifier();
        ReadOnlyMemory<byte>? parameters = sequence.HasData ? sequence.ReadEncodedValue() : null;
        sequence.ThrowIfNotEmpty();
        return new AlgorithmName(oid, parameters);
    }

    internal bool IsSame(AlgorithmName other) => Oid == other.Oid
        && Parameters.HasValue == other.Parameters.HasValue
        && Parameters.GetValueOrDefault().Span.SequenceEqual(other.Parameters.GetValueOrDefault().Span);
}

/// <summary>The parts of a certificate (RFC 5280 4.1), extensions aside.</summary>
/// <param name="Signed">What its issuer signed (tbsCertificate).</param>
/// <param name="Issuer">The name in DER; compared byte by byte.</param>
/// <param name="PublicKey">SubjectPublicKeyInfo in DER.</param>
internal sealed record CertificateFields(
    ReadOnlyMemory<byte> Raw,
    ReadOnlyMemory<byte> Signed,
    AlgorithmName Algorithm,
    ReadOnlyMemory<byte> Signature,
    ReadOnlyMemory<byte> Serial,
    ReadOnlyMemory<byte> Issuer,
    DateTimeOffset NotBefore,
    DateTimeOffset NotAfter,
    ReadOnlyMemory<byte> Subject,
    ReadOnlyMemory<byte> PublicKey)
{
    private static readonly Asn1Tag VersionTag = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag IssuerIdTag = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag SubjectIdTag = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag ExtensionsTag = new(TagClass.ContextSpecific, 3, isConstructed: true);

    /// <exception cref="AsnContentException">It is no certificate.</exception>
    /// <exception cref="FormatException">It breaks a rule of RFC 5280.</exception>
    internal static NotationCertificate Read(ReadOnlyMemory<byte> der)
    {
        var file = new AsnReader(der, AsnEncodingRules.DER);
        var outer = file.ReadSequence();
        file.ThrowIfNotEmpty();
        var signed = outer.ReadEncodedValue();
        var algorithm = AlgorithmName.Read(outer);
        var signature = ReadBits(outer);
        outer.ThrowIfNotEmpty();

        var body = new AsnReader(signed, AsnEncodingRules.DER).ReadSequence();
        var version = ReadVersion(body);
        var serial = body.ReadIntegerBytes();
        if (!AlgorithmName.Read(body).IsSame(algorithm))
        {
            throw new FormatException("it names two signature algorithms");
        }

        var issuer = body.ReadEncodedValue();
        var (from, to) = ReadValidity(body);
        var (subject, key) = (body.ReadEncodedValue(), body.ReadEncodedValue());
        var extensions = ReadExtensions(body, version);
        body.ThrowIfNotEmpty();
        return new NotationCertificate(
            new CertificateFields(der, signed, algorithm, signature, serial, issuer, from, to, subject, key), extensions);
    }

    /// <summary>A bit string of whole bytes.</summary>
    internal static ReadOnlyMemory<byte> ReadBits(AsnReader reader)
    {
        var bits = reader.ReadBitString(out var unused);
        return unused == 0 ? bits : throw new FormatException("a signature of it is not a whole number of bytes");
    }

    internal static DateTimeOffset ReadTime(AsnReader reader) => reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime)
        ? reader.ReadUtcTime(2049)
        : reader.ReadGeneralizedTime();

    private static long ReadVersion(AsnReader body)
    {
        if (!body.PeekTag().HasSameClassAndValue(VersionTag))
        {
            return 0;
        }

        var holder = body.ReadSequence(VersionTag);
        if (!holder.TryReadInt32(out var version) || version is not (1 or 2))
        {
            throw new FormatException("it is of an unknown version");
        }

        holder.ThrowIfNotEmpty();
        return version;
    }

    private static (DateTimeOffset From, DateTimeOffset To) ReadValidity(AsnReader body)
    {
        var validity = body.ReadSequence();
        var result = (ReadTime(validity), ReadTime(validity));
        validity.ThrowIfNotEmpty();
        return result;
    }

    private static ExtensionFields ReadExtensions(AsnReader body, long version)
    {
        foreach (var unique in new[] { IssuerIdTag, SubjectIdTag })
        {
            if (body.HasData && body.PeekTag().HasSameClassAndValue(unique))
            {
                body.ReadEncodedValue();
            }
        }

        if (!body.HasData)
        {
            return ExtensionFields.None;
        }

        var holder = body.ReadSequence(ExtensionsTag);
        var list = holder.ReadSequence();
        holder.ThrowIfNotEmpty();
        return version == 2 ? ExtensionFields.Read(list) : throw new FormatException("it has extensions that its version does not have");
    }
}
