using System.Formats.Asn1;
using AuthzPlugin.Trust.Notation.Revocation;

namespace AuthzPlugin.Trust.Notation;

/// <summary>The bits of a key usage (RFC 5280 4.2.1.3), the first one lowest.</summary>
[Flags]
internal enum KeyUsages
{
    None = 0,
    DigitalSignature = 1 << 0,
    NonRepudiation = 1 << 1,
    KeyEncipherment = 1 << 2,
    DataEncipherment = 1 << 3,
    KeyAgreement = 1 << 4,
    CertificateSigning = 1 << 5,
    ListSigning = 1 << 6,
    EncipherOnly = 1 << 7,
    DecipherOnly = 1 << 8,
}

/// <summary>
/// The extensions that the Notary Project honours: basic constraints, key usage, extended key usage. Of the others only what says where the
/// certificate's revocation could be asked for, or that it need not be.
/// </summary>
/// <param name="IsAuthority">Basic constraints are critical and say CA.</param>
/// <param name="ClaimsAuthority">Basic constraints say CA, critical or not.</param>
/// <param name="PathLength">Null: no limit.</param>
/// <param name="KeyUsage">Null: there is none.</param>
/// <param name="Purposes">Extended key usages as object identifiers; null: there are none.</param>
/// <param name="NamesRevocation">It names an OCSP responder or a place of lists, whether or not it is one that can be asked.</param>
/// <param name="IsNeverRevoked">A responder's certificate that is good for its short life (<c>id-pkix-ocsp-nocheck</c>, RFC 6960 4.2.2.2.1).</param>
/// <param name="HasUnknownCritical">There is a critical extension that is none of these.</param>
internal sealed record ExtensionFields(
    bool IsAuthority,
    bool ClaimsAuthority,
    int? PathLength,
    KeyUsages? KeyUsage,
    bool KeyUsageIsCritical,
    IReadOnlyList<string>? Purposes,
    bool PurposesAreCritical,
    bool NamesRevocation,
    bool IsNeverRevoked,
    bool HasUnknownCritical)
{
    internal static readonly ExtensionFields None = new(false, false, null, null, false, null, false, false, false, false);

    private const string BasicConstraints = "2.5.29.19";
    private const string KeyUsageOid = "2.5.29.15";
    private const string ExtendedKeyUsage = "2.5.29.37";
    private const string DistributionPoints = "2.5.29.31";
    private const string AuthorityInformation = "1.3.6.1.5.5.7.1.1";
    private const string NoCheck = "1.3.6.1.5.5.7.48.1.5";

    /// <summary>Responders that can be asked, in the order of the certificate.</summary>
    internal IReadOnlyList<Uri> Responders { get; private init; } = [];

    /// <summary>Where lists of the issuer can be downloaded, in the order of the certificate.</summary>
    internal IReadOnlyList<Uri> ListPlaces { get; private init; } = [];

    /// <exception cref="FormatException">One stands there twice.</exception>
    internal static ExtensionFields Read(AsnReader list)
    {
        var result = None;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (list.HasData)
        {
            var extension = list.ReadSequence();
            var oid = extension.ReadObjectIdentifier();
            var isCritical = extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean();
            var value = extension.ReadOctetString();
            extension.ThrowIfNotEmpty();
            if (!seen.Add(oid))
            {
                throw new FormatException("it has an extension twice");
            }

            result = result.With(oid, isCritical, new AsnReader(value, AsnEncodingRules.DER));
        }

        return result;
    }

    private ExtensionFields With(string oid, bool isCritical, AsnReader value)
    {
        switch (oid)
        {
            case BasicConstraints:
                var (isAuthority, length) = ReadConstraints(value);
                return this with { IsAuthority = isAuthority && isCritical, ClaimsAuthority = isAuthority, PathLength = length };
            case KeyUsageOid:
                return this with { KeyUsage = ReadUsage(value), KeyUsageIsCritical = isCritical };
            case ExtendedKeyUsage:
                return this with { Purposes = ReadPurposes(value), PurposesAreCritical = isCritical };
            case DistributionPoints:
                return this with { NamesRevocation = true, ListPlaces = RevocationPlaces.OfLists(value) };
            case AuthorityInformation:
                var namesOcsp = RevocationPlaces.TryResponders(value, out var responders);
                return this with { NamesRevocation = NamesRevocation || namesOcsp, Responders = responders };
            case NoCheck:
                return this with { IsNeverRevoked = true };
            default:
                return isCritical ? this with { HasUnknownCritical = true } : this;
        }
    }

    private static (bool IsAuthority, int? Length) ReadConstraints(AsnReader value)
    {
        var sequence = value.ReadSequence();
        value.ThrowIfNotEmpty();
        var isAuthority = sequence.HasData && sequence.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && sequence.ReadBoolean();
        int? length = null;
        if (sequence.HasData)
        {
            length = sequence.TryReadInt32(out var read) && read >= 0 ? read : throw new FormatException("its path length is no number");
        }

        sequence.ThrowIfNotEmpty();
        return (isAuthority, length);
    }

    private static KeyUsages ReadUsage(AsnReader value)
    {
        var bits = value.ReadBitString(out _);
        value.ThrowIfNotEmpty();
        var result = 0;
        for (var i = 0; i < bits.Length * 8 && i <= 8; i++)
        {
            result |= (bits[i / 8] & (0x80 >> (i % 8))) != 0 ? 1 << i : 0;
        }

        return (KeyUsages)result;
    }

    private static List<string> ReadPurposes(AsnReader value)
    {
        var sequence = value.ReadSequence();
        value.ThrowIfNotEmpty();
        var result = new List<string>();
        while (sequence.HasData)
        {
            result.Add(sequence.ReadObjectIdentifier());
        }

        return result;
    }
}
