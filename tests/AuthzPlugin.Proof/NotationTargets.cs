using System.Text;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.Notation;
using AuthzPlugin.Trust.Notation.Revocation;

namespace AuthzPlugin.Proof;

/// <summary>Envelopes of the Notary Project, their certificates, timestamps and lists, and trust policies.</summary>
internal static class NotationTargets
{
    private static readonly DateTimeOffset Now = CertificateShape.From.AddYears(1);
    private static readonly TestTimestamps Clock = TestTimestamps.Make(Now);
    private static readonly NotationSigner Signer = NotationSigner.Make() with { Expiry = Now.AddYears(1), Timestamp = Clock.Sign };
    private static readonly TestOcsp Good = new()
    {
        Issuer = Signer.Chain[1],
        Signer = TestCertificate.Make(CertificateShape.Responder(), Signer.Chain[1]),
        From = Now,
        Until = Now.AddDays(1),
    };

    private static readonly TestOcsp Revoked = new() { Issuer = Signer.Chain[1], From = Now, Until = Now.AddDays(2), Status = "revoked" };
    private static readonly RevocationQuestion Question = new(
        NotationCertificate.ReadFile(Signer.Chain[0].Der, 1, out _)[0], NotationCertificate.ReadFile(Signer.Chain[1].Der, 1, out _)[0]);

    private static readonly NotationTarget Image = NotationSigner.Target("an image"u8.ToArray());
    private static readonly NotationTarget OtherImage = NotationSigner.Target("another image"u8.ToArray());

    private static readonly byte[] PolicyFile = Encoding.UTF8.GetBytes("""
        {"version":"1.0","trustPolicies":[
         {"name":"a","registryScopes":["*"],"signatureVerification":{"level":"strict","override":{"revocation":"skip"},"verifyTimestamp":"always"},
          "trustStores":["ca:acme","tsa:clock"],"trustedIdentities":["x509.subject: C=US, ST=WA, O=Acme"]},
         {"name":"b","registryScopes":["registry.example.com/team/app"],"signatureVerification":{"level":"skip"}}]}
        """);

    private static readonly NotationTrust Trust = NewTrust();

    internal static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("notation-jws", [Signer.Sign(NotationFormat.Jws, NotationSigner.Payload(Image)).Envelope.ToArray()], i => Envelope(NotationFormat.Jws, i)),
        new("notation-cose", [Signer.Sign(NotationFormat.Cose, NotationSigner.Payload(Image)).Envelope.ToArray()], i => Envelope(NotationFormat.Cose, i)),
        new("notation-certificate", [Signer.Chain[0].Der, Signer.Chain[1].Der, Encoding.ASCII.GetBytes(Signer.Chain[1].Pem)], Certificate),
        new("notation-timestamp", [Clock.Sign([1, 2, 3])], Timestamp),
        new("notation-crl", [Signer.Chain[1].List(Now, Now.AddDays(1), Signer.Chain[0])], i => RevocationList.TryRead(i, out var list) && list.Thumbprint.Length != 64 ? "no thumbprint" : null),
        new("notation-ocsp", [Good.Answer(Signer.Chain[0]), Revoked.Answer(Signer.Chain[0])], Ocsp),
        new("notation-trust-policy", [PolicyFile], Policy),
        new("notation-identity", [Encoding.UTF8.GetBytes("C=US, ST=WA, O=a\\, b\\2C; CN=x")], Identity),
    ];

    private static NotationTrust NewTrust()
    {
        if (!NotationTrustPolicy.TryRead(PolicyFile, out var policy, out var problem))
        {
            throw new InvalidOperationException(problem);
        }

        return new NotationTrust
        {
            Statement = policy.Statements[0],
            Stores = new Dictionary<NotationStoreName, IReadOnlyList<NotationCertificate>>
            {
                [new(NotationStoreKind.Authority, "acme")] = NotationCertificate.ReadFile(Signer.Chain[1].Der, 1, out _),
                [new(NotationStoreKind.Timestamps, "clock")] = NotationCertificate.ReadFile(Clock.Chain[1].Der, 1, out _),
            },
        };
    }

    // Nothing signs anew here, so whatever counts is what was signed.
    private static string? Envelope(NotationFormat format, byte[] input)
    {
        var signature = new NotationSignature(format, input);
        if (NotationVerifier.Verify(signature, OtherImage, Trust, Now).IsValid || NotationVerifier.Verify(signature, Image, Trust, Now.AddYears(1)).IsValid)
        {
            return "it says more than was signed";
        }

        var finding = NotationVerifier.Verify(signature, Image, Trust, Now);
        return finding.IsValid && finding.Signer != "CN=signer,O=Acme,L=Seattle,ST=WA,C=US" ? "another signer" : null;
    }

    private static string? Certificate(byte[] input)
    {
        foreach (var certificate in NotationCertificate.ReadFile(input, 4, out _))
        {
            _ = certificate.MayBeTrusted(forTimestamps: true);
            if (!NotationCertificate.ReadFile(certificate.Fields.Raw, 1, out _)[0].Equals(certificate))
            {
                return "it reads differently again";
            }
        }

        return null;
    }

    private static string? Timestamp(byte[] input)
    {
        var result = new TimestampVerifier(RevocationKnowledge.None, [], Now).Verify(
            input, new byte[] { 1, 2, 3 }, [.. Trust.Stores[new(NotationStoreKind.Timestamps, "clock")]]);
        return result.Info is { } info && info.Lower != Now ? "another time" : null;
    }

    // What counts is one of the two answers that were signed.
    private static string? Ocsp(byte[] input)
    {
        if (!OcspResponse.TryRead(input, out var response, out _))
        {
            return null;
        }

        var verdict = Question.Judge(response, Now);
        return (verdict.Status, verdict.Until) switch
        {
            (null, _) => null,
            (CertificateStatus.Good, var until) when until == Good.Until => null,
            (CertificateStatus.Revoked, var until) when until == Revoked.Until => null,
            _ => $"an answer that nobody signed: {verdict}",
        };
    }

    private static string? Policy(byte[] input) =>
        NotationTrustPolicy.TryRead(input, out var policy, out var problem)
            ? policy.Statements.Any(s => !s.IsSkipped && s.Stores.Count == 0) ? "a statement without a store" : null
            : problem.Length > 0 ? null : "no problem is named";

    private static string? Identity(byte[] input)
    {
        try
        {
            return NotationIdentity.Parse(Encoding.UTF8.GetString(input)).Attributes.Count >= 3 ? null : "an identity without what is mandatory";
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
