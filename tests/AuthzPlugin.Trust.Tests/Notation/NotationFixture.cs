using System.Text;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.Notation;

namespace AuthzPlugin.Trust.Tests.Notation;

/// <summary>An image, and trust policies over the certificates of tests.</summary>
internal static class NotationFixture
{
    internal static readonly NotationTarget Image = NotationSigner.Target("an image"u8.ToArray());
    internal static readonly NotationTarget OtherImage = NotationSigner.Target("another image"u8.ToArray());
    internal static readonly byte[] Payload = NotationSigner.Payload(Image);
    internal static readonly DateTimeOffset Now = CertificateShape.From.AddYears(1);

    internal const string Identity = "x509.subject: C=US, ST=WA, O=Acme";

    /// <summary>A trust policy with one statement.</summary>
    internal static NotationStatement Statement(
        string level = "strict", string overrides = "\"revocation\":\"skip\"", string stores = "\"ca:acme\"", string identities = "\"" + Identity + "\"", string more = "")
    {
        var json = $$"""
            {"version":"1.0","trustPolicies":[{"name":"all","registryScopes":["*"],
             "signatureVerification":{"level":"{{level}}","override":{ {{overrides}} }{{more}}},
             "trustStores":[{{stores}}],"trustedIdentities":[{{identities}}]}]}
            """;
        Assert.True(NotationTrustPolicy.TryRead(Encoding.UTF8.GetBytes(json), out var policy, out var problem), problem);
        return policy.Statements[0];
    }

    /// <summary>Trust in a root, with a statement.</summary>
    internal static NotationTrust TrustIn(TestCertificate root, NotationStatement? statement = null) => new()
    {
        Statement = statement ?? Statement(),
        Stores = new Dictionary<NotationStoreName, IReadOnlyList<NotationCertificate>>
        {
            [new(NotationStoreKind.Authority, "acme")] = [Read(root)],
            [new(NotationStoreKind.SigningAuthority, "acme")] = [Read(root)],
        },
    };

    internal static NotationTrust With(this NotationTrust trust, string tsa, params TestCertificate[] roots) => trust with
    {
        Stores = new Dictionary<NotationStoreName, IReadOnlyList<NotationCertificate>>(trust.Stores)
        {
            [new(NotationStoreKind.Timestamps, tsa)] = [.. roots.Select(Read)],
        },
    };

    internal static NotationCertificate Read(TestCertificate certificate) =>
        NotationCertificate.TryRead(certificate.Der, out var read) ? read : throw new InvalidOperationException("no certificate");

    internal static NotationFinding Verify(
        NotationSigner signer, NotationTrust? trust = null, DateTimeOffset? now = null, NotationFormat format = NotationFormat.Jws, byte[]? payload = null) =>
        NotationVerifier.Verify(signer.Sign(format, payload ?? Payload), Image, trust ?? TrustIn(signer.Chain[^1]), now ?? Now);
}
