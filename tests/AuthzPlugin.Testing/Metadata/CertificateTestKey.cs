using System.Security.Cryptography;
using System.Text;

namespace AuthzPlugin.Testing.Metadata;

/// <summary>A key inside a certificate bundle (<c>ecdsa-x509</c>, <c>rsa-x509</c>): what root keys are.</summary>
public sealed class CertificateTestKey : TestKey
{
    private readonly AsymmetricAlgorithm _key;

    internal CertificateTestKey(TestCertificate certificate)
        : this(certificate.Key, BundleOf(certificate))
    {
    }

    /// <summary>The same private key under any public value, well formed or not.</summary>
    public CertificateTestKey(AsymmetricAlgorithm key, string bundle)
        : base(key is RSA ? "rsa-x509" : "ecdsa-x509", Encoding.UTF8.GetBytes(bundle)) => _key = key;

    /// <summary>The private key, to put it into another certificate.</summary>
    public AsymmetricAlgorithm PrivateKey => _key;

    public override string CanonicalId => _key switch
    {
        RSA rsa => IdOf("rsa", rsa.ExportSubjectPublicKeyInfo()),
        _ => IdOf("ecdsa", ((ECDsa)_key).ExportSubjectPublicKeyInfo()),
    };

    public override string Method => _key is RSA ? "rsapss" : "ecdsa";

    /// <summary>The PEM text of a leaf and its intermediates, in that order.</summary>
    public static string BundleOf(TestCertificate certificate) =>
        string.Concat(certificate.Intermediates.Prepend(certificate).Select(c => TestCertificate.ToPem(c.ToDer())));

    public override byte[] Sign(byte[] message) => _key switch
    {
        RSA rsa => rsa.SignData(message, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
        _ => ((ECDsa)_key).SignData(message, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
    };
}
