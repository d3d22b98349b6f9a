using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;

namespace AuthzPlugin.Trust.Notation.Revocation;

/// <summary>
/// A list of revoked certificates (RFC 5280 5): a full one that its authority signed itself. Lists that speak for a part of its certificates,
/// for others' or only of changes have a critical extension and are refused, as every list with one that is not known. Immutable.
/// </summary>
public sealed class RevocationList
{
    /// <summary>Most bytes of a list that is downloaded.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    private const string NumberOid = "2.5.29.20";
    private const int BytesPerSerial = 128;

    private static readonly Asn1Tag ExtensionsTag = new(TagClass.ContextSpecific, 0, isConstructed: true);

    private readonly ReadOnlyMemory<byte> _signed;
    private readonly AlgorithmName _algorithm;
    private readonly ReadOnlyMemory<byte> _signature;
    private readonly HashSet<string> _serials;

    private RevocationList(ReadOnlyMemory<byte> signed, AlgorithmName algorithm, ReadOnlyMemory<byte> signature, ListBody body)
    {
        _signed = signed;
        _algorithm = algorithm;
        _signature = signature;
        _serials = body.Serials;
        Issuer = body.Issuer;
        From = body.From;
        Until = body.Until;
    }

    /// <summary>SHA-256 of its signed bytes, 64 lower-case hex digits.</summary>
    public string Thumbprint => Convert.ToHexStringLower(SHA256.HashData(_signed.Span));

    /// <summary>When it was made.</summary>
    public DateTimeOffset From { get; }

    /// <summary>When the next one is due; after that it says nothing about certificates that it does not list.</summary>
    public DateTimeOffset Until { get; }

    /// <summary>About how many bytes of memory it takes.</summary>
    public long Weight => _signed.Length + ((long)_serials.Count * BytesPerSerial);

    internal ReadOnlyMemory<byte> Issuer { get; }

    /// <summary>Reads a list in DER.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> der, [NotNullWhen(true)] out RevocationList? list)
    {
        list = null;
        try
        {
            var file = new AsnReader(der, AsnEncodingRules.DER);
            var outer = file.ReadSequence();
            file.ThrowIfNotEmpty();
            var signed = outer.ReadEncodedValue();
            var algorithm = AlgorithmName.Read(outer);
            var signature = CertificateFields.ReadBits(outer);
            outer.ThrowIfNotEmpty();
            list = new RevocationList(signed, algorithm, signature, ReadBody(signed, algorithm));
            return true;
        }
        catch (Exception e) when (e is AsnContentException or FormatException)
        {
            // What is wrong inside the DER helps nobody; the caller names the file.
            return false;
        }
    }

    /// <summary>Whether this authority signed it, and may.</summary>
    internal bool IsBy(NotationCertificate authority) =>
        Issuer.Span.SequenceEqual(authority.Fields.Subject.Span)
        && authority.Extensions.KeyUsage is { } usage && usage.HasFlag(KeyUsages.ListSigning)
        && CertificateSignature.Verify(authority, _algorithm, null, _signed.Span, _signature.Span);

    internal bool Lists(NotationCertificate certificate) => _serials.Contains(Convert.ToHexString(certificate.Fields.Serial.Span));

    private static ListBody ReadBody(ReadOnlyMemory<byte> signed, AlgorithmName algorithm)
    {
        var body = new AsnReader(signed, AsnEncodingRules.DER).ReadSequence();
        if (body.PeekTag().HasSameClassAndValue(Asn1Tag.Integer) && (!body.TryReadInt32(out var version) || version != 1))
        {
            throw new FormatException("it is of an unknown version");
        }

        if (!AlgorithmName.Read(body).IsSame(algorithm))
        {
            throw new FormatException("it names two signature algorithms");
        }

        var issuer = body.ReadEncodedValue();
        var (from, until) = (CertificateFields.ReadTime(body), CertificateFields.ReadTime(body));
        var serials = new HashSet<string>(StringComparer.Ordinal);
        if (body.HasData && body.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
        {
            ReadEntries(body.ReadSequence(), serials);
        }

        if (body.HasData)
        {
            RequireKnown(body.ReadSequence(ExtensionsTag).ReadSequence());
        }

        body.ThrowIfNotEmpty();
        return new ListBody(issuer, from, until, serials);
    }

    private static void ReadEntries(AsnReader entries, HashSet<string> serials)
    {
        while (entries.HasData)
        {
            var entry = entries.ReadSequence();
            serials.Add(Convert.ToHexString(entry.ReadIntegerBytes().Span));
            CertificateFields.ReadTime(entry);
            if (entry.HasData)
            {
                RequireKnown(entry.ReadSequence());
            }

            entry.ThrowIfNotEmpty();
        }
    }

    private static void RequireKnown(AsnReader extensions)
    {
        while (extensions.HasData)
        {
            var extension = extensions.ReadSequence();
            var oid = extension.ReadObjectIdentifier();
            if (extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean() && oid != NumberOid)
            {
                throw new FormatException("it has a critical extension that is not known");
            }
        }
    }

    private sealed record ListBody(ReadOnlyMemory<byte> Issuer, DateTimeOffset From, DateTimeOffset Until, HashSet<string> Serials);
}
