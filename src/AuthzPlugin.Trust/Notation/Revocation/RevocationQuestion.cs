using System.Formats.Asn1;

namespace AuthzPlugin.Trust.Notation.Revocation;

/// <summary>What an answer says of a certificate once it is verified.</summary>
/// <param name="Status">Null: nothing that counts.</param>
/// <param name="Until">When it says that no more.</param>
/// <param name="Problem">Why it says nothing: half a sentence about who sent it.</param>
public sealed record RevocationVerdict(CertificateStatus? Status, DateTimeOffset Until, string Problem);

/// <summary>
/// Whether a certificate was revoked, of whom it is to be asked, and what answers say. The issuer's signature on the certificate was verified
/// before it is asked. Immutable; two are the same when their certificates are.
/// </summary>
public sealed record RevocationQuestion(NotationCertificate Certificate, NotationCertificate Issuer)
{
    /// <summary>How far the clock of an authority may be ahead.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    private const string OcspSigning = "1.3.6.1.5.5.7.3.9";

    /// <summary>OCSP responders that the certificate names, over http or https, in its order; at most 4.</summary>
    public IReadOnlyList<Uri> Responders => Certificate.Extensions.Responders;

    /// <summary>Where it says that lists of revoked certificates are, over http or https, in its order; at most 4.</summary>
    public IReadOnlyList<Uri> ListPlaces => Certificate.Extensions.ListPlaces;

    /// <summary>The question as OCSP has it (OCSPRequest in DER), without a nonce: answers are made for many, and remembered.</summary>
    public byte[] ToOcsp()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence())
        using (writer.PushSequence())
        using (writer.PushSequence())
        {
            CertificateId.Of(Certificate, Issuer).Write(writer);
        }

        return writer.Encode();
    }

    /// <summary>
    /// What a response says. It must be signed by the issuer itself, or by a certificate in it that the issuer itself issued for this and that
    /// is valid now. A revocation counts beyond the time of the next answer; everything else does not.
    /// </summary>
    public RevocationVerdict Judge(OcspResponse response, DateTimeOffset now)
    {
        var id = CertificateId.Of(Certificate, Issuer);
        var answers = response.Answers.Where(a => a.Id.IsSame(id)).ToArray();
        if (answers is not [var answer])
        {
            return Nothing(answers.Length == 0 ? "answers about another certificate" : "answers twice about the certificate");
        }

        if (!response.IsBy(Issuer) && FindFault(response, now) is { } fault)
        {
            return Nothing(fault);
        }

        if (answer.From > now + ClockSkew)
        {
            return Nothing("sends an answer from the future");
        }

        return answer.Status != CertificateStatus.Revoked && answer.Until <= now
            ? Nothing($"sends an answer that was due to be renewed at {answer.Until:u}")
            : new RevocationVerdict(answer.Status, answer.Until, "");
    }

    /// <summary>Whether the issuer of the certificate signed a list; it can be out of date.</summary>
    public bool IsOfIssuer(RevocationList list) => list.IsBy(Issuer);

    /// <summary>What a list says. A list that is out of date still revokes, and says nothing about those that it does not list.</summary>
    public RevocationVerdict Judge(RevocationList list, DateTimeOffset now) => list switch
    {
        _ when !list.IsBy(Issuer) => Nothing("sends a list that the issuer of the certificate did not sign"),
        _ when list.From > now + ClockSkew => Nothing("sends a list from the future"),
        _ when list.Lists(Certificate) => new RevocationVerdict(CertificateStatus.Revoked, list.Until, ""),
        _ when list.Until <= now => Nothing($"sends a list that was due to be renewed at {list.Until:u}"),
        _ => new RevocationVerdict(CertificateStatus.Good, list.Until, ""),
    };

    private string? FindFault(OcspResponse response, DateTimeOffset now)
    {
        var objections = response.Certificates.Where(response.IsBy).Select(c => FindObjection(c, now)).ToArray();
        return objections.Length == 0
            ? "sends an answer that neither the issuer signed nor whom it authorised"
            : objections.Contains(null) ? null : objections[0];
    }

    // Who may answer for the issuer (RFC 6960 4.2.2.2). Nobody is asked about the responder's own certificate: it must say that it need not be
    // checked, or name no place where it could be. One that names such a place and was revoked would otherwise be believed.
    private string? FindObjection(NotationCertificate responder, DateTimeOffset now) => responder.Extensions switch
    {
        _ when !responder.Fields.Issuer.Span.SequenceEqual(Issuer.Fields.Subject.Span) || !CertificateSignature.IsBy(responder, Issuer) =>
            "sends an answer by a certificate that the issuer did not issue",
        { Purposes: var purposes } when purposes?.Contains(OcspSigning) is not true => "sends an answer by a certificate that is not for OCSP",
        { KeyUsage: { } usage } when !usage.HasFlag(KeyUsages.DigitalSignature) => "sends an answer by a certificate that may not sign",
        { ClaimsAuthority: true } => "sends an answer by another authority",
        { HasUnknownCritical: true } => "sends an answer by a certificate with a critical extension that is not known",
        { NamesRevocation: true, IsNeverRevoked: false } => "sends an answer by a certificate that may be revoked itself",
        _ when now < responder.NotBefore || now > responder.NotAfter => "sends an answer by a certificate that is not valid now",
        _ => null,
    };

    private static RevocationVerdict Nothing(string problem) => new(null, DateTimeOffset.MinValue, problem);
}
