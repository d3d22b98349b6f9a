using System.Formats.Asn1;

namespace AuthzPlugin.Trust.Certificates;

/// <summary>An extension of a certificate: its value is the bytes inside the OCTET STRING.</summary>
internal sealed record CertificateExtension(string Oid, bool IsCritical, byte[] Value, byte[] Encoded);

/// <summary>
/// A certificate of X.509 version 3 (RFC 5280 4.1) taken apart, for chains to pinned certificates: every part as the file has it, so that
/// the signed bytes can be checked and rebuilt. What the extensions say is read only by those who ask for it. Immutable.
/// </summary>
internal sealed class DerCertificate
{
    /// <summary>Most bytes of a certificate; those of Fulcio have about two thousand.</summary>
    internal const int MaxBytes = 32 * 1024;

    private const int MaxExtensions = 64;
    private static readonly Asn1Tag VersionTag = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag ExtensionsTag = new(TagClass.ContextSpecific, 3);

    /// <summary>The parts of the signed bytes before the extensions, each encoded.</summary>
    private readonly List<byte[]> _head = [];

    private DerCertificate(byte[] raw) => Raw = raw;

    internal byte[] Raw { get; }

    /// <summary>The signed bytes (TBSCertificate).</summary>
    internal byte[] Signed { get; private set; } = [];

    internal string SignatureAlgorithm { get; private set; } = "";

    internal byte[] Signature { get; private set; } = [];

    /// <summary>The issuer's name, encoded.</summary>
    internal byte[] Issuer { get; private set; } = [];

    /// <summary>The subject's name, encoded.</summary>
    internal byte[] Subject { get; private set; } = [];

    internal DateTimeOffset NotBefore { get; private set; }

    internal DateTimeOffset NotAfter { get; private set; }

    /// <summary>SubjectPublicKeyInfo, encoded.</summary>
    internal byte[] PublicKeyInfo { get; private set; } = [];

    /// <summary>In the order of the file; no object identifier twice.</summary>
    internal IReadOnlyList<CertificateExtension> Extensions { get; private set; } = [];

    /// <exception cref="FormatException">The bytes are not exactly one such certificate in DER.</exception>
    internal static DerCertificate Read(byte[] der)
    {
        if (der.Length > MaxBytes)
        {
            throw new FormatException("a certificate is larger than one may be");
        }

        try
        {
            var result = new DerCertificate(der);
            result.Read();
            return result;
        }
        catch (AsnContentException e)
        {
            throw new FormatException("a certificate is not DER of X.509 version 3", e);
        }
    }

    internal CertificateExtension? Find(string oid)
    {
        foreach (var extension in Extensions)
        {
            if (extension.Oid == oid)
            {
                return extension;
            }
        }

        return null;
    }

    /// <summary>The signed bytes as they were before an extension was added (RFC 6962 3.2).</summary>
    internal byte[] SignedWithout(string oid)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            _head.ForEach(part => writer.WriteEncodedValue(part));
            using (writer.PushSequence(ExtensionsTag))
            using (writer.PushSequence())
            {
                foreach (var extension in Extensions)
                {
                    if (extension.Oid != oid)
                    {
                        writer.WriteEncodedValue(extension.Encoded);
                    }
                }
            }
        }

        return writer.Encode();
    }

    internal bool IsValidAt(DateTimeOffset time) => NotBefore <= time && time <= NotAfter;

    private void Read()
    {
        var outer = new AsnReader(Raw, AsnEncodingRules.DER);
        var certificate = outer.ReadSequence();
        outer.ThrowIfNotEmpty();

        Signed = certificate.PeekEncodedValue().ToArray();
        var signed = certificate.ReadSequence();
        var algorithm = certificate.PeekEncodedValue();
        SignatureAlgorithm = certificate.ReadSequence().ReadObjectIdentifier();
        Signature = certificate.ReadBitString(out var unused);
        certificate.ThrowIfNotEmpty();
        Require(unused == 0);
        ReadSigned(signed, algorithm);
    }

    private void ReadSigned(AsnReader signed, ReadOnlyMemory<byte> algorithm)
    {
        var version = new AsnReader(Take(signed), AsnEncodingRules.DER).ReadSequence(VersionTag);
        Require(version.TryReadInt32(out var number) && number == 2);

        // The serial number, which nothing here asks for, and the algorithm, which must be named twice alike (RFC 5280 4.1.1.2).
        _ = Take(signed);
        Require(Take(signed).AsSpan().SequenceEqual(algorithm.Span));
        Issuer = Take(signed);
        ReadValidity(new AsnReader(Take(signed), AsnEncodingRules.DER).ReadSequence());
        Subject = Take(signed);
        PublicKeyInfo = Take(signed);
        if (!signed.HasData)
        {
            return;
        }

        // Unique identifiers, which may stand before the extensions, are of another time; no authority here writes them.
        var wrapper = signed.ReadSequence(ExtensionsTag);
        signed.ThrowIfNotEmpty();
        Extensions = ReadExtensions(wrapper.ReadSequence());
        wrapper.ThrowIfNotEmpty();
    }

    private byte[] Take(AsnReader reader)
    {
        var part = reader.ReadEncodedValue().ToArray();
        _head.Add(part);
        return part;
    }

    private void ReadValidity(AsnReader validity)
    {
        NotBefore = ReadTime(validity);
        NotAfter = ReadTime(validity);
        validity.ThrowIfNotEmpty();
    }

    private static DateTimeOffset ReadTime(AsnReader reader) =>
        reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();

    private static List<CertificateExtension> ReadExtensions(AsnReader list)
    {
        var result = new List<CertificateExtension>();
        while (list.HasData)
        {
            var encoded = list.PeekEncodedValue().ToArray();
            var extension = list.ReadSequence();
            var oid = extension.ReadObjectIdentifier();
            var critical = extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean();
            var value = extension.ReadOctetString();
            extension.ThrowIfNotEmpty();
            Require(result.Count < MaxExtensions && !result.Exists(e => e.Oid == oid));
            result.Add(new CertificateExtension(oid, critical, value, encoded));
        }

        return result;
    }

    private static void Require(bool condition)
    {
        if (!condition)
        {
            throw new FormatException("a certificate breaks the form of X.509 version 3");
        }
    }
}
