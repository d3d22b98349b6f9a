using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace AuthzPlugin.Testing.Signatures;

/// <summary>A timestamp authority (RFC 3161) that states whatever time it is asked to.</summary>
public sealed class SimulatedTimestamps
{
    private const string TimestampInfo = "1.2.840.113549.1.9.16.1.4";
    private const string SigningCertificate2 = "1.2.840.113549.1.9.16.2.47";
    private const string Sha256 = "2.16.840.1.101.3.4.2.1";

    private readonly SimulatedAuthority _authority;
    private readonly X509Certificate2 _signer;

    public SimulatedTimestamps(string name, DateTimeOffset from, DateTimeOffset until, bool criticalPurpose = true)
    {
        _authority = new SimulatedAuthority(name, SimulatedAuthority.TimeStamping, from, until);
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"O={name},CN={name} timestamps", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(SimulatedAuthority.TimeStamping)], criticalPurpose));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _signer = _authority.Issue(request, from, until).CopyWithPrivateKey(key);
    }

    /// <summary>The signer's certificate, then those of its authorities.</summary>
    public IReadOnlyList<byte[]> Chain => [_signer.RawData, _authority.Intermediate.RawData, _authority.Root.RawData];

    /// <summary>A granted response over the bytes of a signature.</summary>
    public byte[] Stamp(byte[] signature, DateTimeOffset time)
    {
        var content = new SignedCms(new ContentInfo(new Oid(TimestampInfo), Info(signature, time)), detached: false);
        var signer = new CmsSigner(SubjectIdentifierType.IssuerAndSerialNumber, _signer)
        {
            DigestAlgorithm = new Oid(Sha256),
            IncludeOption = X509IncludeOption.EndCertOnly,
        };
        signer.SignedAttributes.Add(new AsnEncodedData(new Oid(SigningCertificate2), CertificateId()));
        content.ComputeSignature(signer);

        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteInteger(0);
            }

            writer.WriteEncodedValue(content.Encode());
        }

        return writer.Encode();
    }

    private static byte[] Info(byte[] signature, DateTimeOffset time)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            writer.WriteObjectIdentifier("1.3.6.1.4.1.57264.2");
            using (writer.PushSequence())
            {
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(Sha256);
                    writer.WriteNull();
                }

                writer.WriteOctetString(SHA256.HashData(signature));
            }

            writer.WriteInteger(RandomNumberGenerator.GetInt32(int.MaxValue));
            writer.WriteGeneralizedTime(time, omitFractionalSeconds: true);
        }

        return writer.Encode();
    }

    private byte[] CertificateId()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence())
        using (writer.PushSequence())
        {
            writer.WriteOctetString(SHA256.HashData(_signer.RawData));
        }

        return writer.Encode();
    }
}
