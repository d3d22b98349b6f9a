using System.Formats.Asn1;

namespace AuthzPlugin.Trust.Notation.Revocation;

/// <summary>What a responder says of a certificate.</summary>
public enum CertificateStatus
{
    /// <summary>It knows the certificate, or at least of no revocation of it.</summary>
    Good,

    /// <summary>It was revoked, or is on hold.</summary>
    Revoked,

    /// <summary>It does not know the certificate.</summary>
    Unknown,
}

/// <summary>The answer about one certificate (SingleResponse, RFC 6960 4.2.1).</summary>
/// <param name="From">Since when it is known to be right.</param>
/// <param name="Until">When the next one is due.</param>
internal sealed record SingleAnswer(CertificateId Id, CertificateStatus Status, DateTimeOffset From, DateTimeOffset Until)
{
    /// <summary>
    /// How long an answer counts that does not say when the next one is due: the responder means that there is always a newer one.
    /// </summary>
    internal static readonly TimeSpan LifeWithoutEnd = TimeSpan.FromMinutes(10);

    private static readonly Asn1Tag Good = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag Revoked = new(TagClass.ContextSpecific, 1, isConstructed: true);
    private static readonly Asn1Tag Unknown = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag Zero = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag One = new(TagClass.ContextSpecific, 1, isConstructed: true);

    /// <summary>Null when it names its certificate by another hash than is asked with.</summary>
    /// <exception cref="FormatException">It has a critical extension.</exception>
    internal static SingleAnswer? Read(AsnReader answer)
    {
        var id = CertificateId.Read(answer);
        var (status, from) = (ReadStatus(answer), answer.ReadGeneralizedTime());
        var until = from + LifeWithoutEnd;
        if (answer.HasData && answer.PeekTag().HasSameClassAndValue(Zero))
        {
            var holder = answer.ReadSequence(Zero);
            until = holder.ReadGeneralizedTime();
            holder.ThrowIfNotEmpty();
        }

        if (answer.HasData)
        {
            RequireKnown(answer.ReadSequence(One));
        }

        answer.ThrowIfNotEmpty();
        return id is null ? null : new SingleAnswer(id, status, from, until);
    }

    /// <summary>No extension of a response must be understood here, so that a critical one is refused.</summary>
    internal static void RequireKnown(AsnReader holder)
    {
        var extensions = holder.ReadSequence();
        holder.ThrowIfNotEmpty();
        while (extensions.HasData)
        {
            var extension = extensions.ReadSequence();
            extension.ReadObjectIdentifier();
            if (extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean())
            {
                throw new FormatException("sends a response with a critical extension that is not known");
            }

            extension.ReadOctetString();
            extension.ThrowIfNotEmpty();
        }
    }

    private static CertificateStatus ReadStatus(AsnReader answer)
    {
        var tag = answer.PeekTag();
        if (tag.HasSameClassAndValue(Good))
        {
            answer.ReadNull(Good);
            return CertificateStatus.Good;
        }

        if (tag.HasSameClassAndValue(Unknown))
        {
            answer.ReadNull(Unknown);
            return CertificateStatus.Unknown;
        }

        var revoked = answer.ReadSequence(Revoked);
        revoked.ReadGeneralizedTime();
        if (revoked.HasData)
        {
            revoked.ReadSequence(Zero).ReadEnumeratedBytes();
        }

        revoked.ThrowIfNotEmpty();
        return CertificateStatus.Revoked;
    }
}
