using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AuthzPlugin.Testing.Metadata;

/// <summary>Signs certificates with any hash: the platform's own generators no longer make the weak ones that must be refused.</summary>
internal sealed class AnyHashGenerator(AsymmetricAlgorithm key) : X509SignatureGenerator
{
    public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier((key, hashAlgorithm.Name) switch
            {
                (RSA, "MD5") => "1.2.840.113549.1.1.4",
                (RSA, "SHA1") => "1.2.840.113549.1.1.5",
                (RSA, "SHA256") => "1.2.840.113549.1.1.11",
                (ECDsa, "SHA1") => "1.2.840.10045.4.1",
                (ECDsa, "SHA256") => "1.2.840.10045.4.3.2",
                _ => throw new NotSupportedException($"{key.GetType().Name} with {hashAlgorithm}"),
            });
            if (key is RSA)
            {
                writer.WriteNull();
            }
        }

        return writer.Encode();
    }

    public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => key switch
    {
        RSA rsa => rsa.SignData(data, hashAlgorithm, RSASignaturePadding.Pkcs1),
        _ => ((ECDsa)key).SignData(data, hashAlgorithm, DSASignatureFormat.Rfc3279DerSequence),
    };

    protected override PublicKey BuildPublicKey() => new(key);
}
