using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AuthzPlugin.Testing.Signatures;

/// <summary>A certificate transparency log that promises whatever it is asked to (RFC 6962).</summary>
public sealed class SimulatedCertificateLog
{
    private const string Oid = "1.3.6.1.4.1.11129.2.4.2";
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public byte[] PublicKey => _key.ExportSubjectPublicKeyInfo();

    public byte[] Id => SHA256.HashData(PublicKey);

    /// <summary>The extension with the log's promise for a certificate that has no such extension yet.</summary>
    /// <param name="extensions">What the promise says beside the time; logs with tiles put an index there.</param>
    public X509Extension Promise(X509Certificate2 precertificate, X509Certificate2 issuer, DateTimeOffset time, byte[]? extensions = null)
    {
        extensions ??= [];
        var certificate = new AsnReader(precertificate.RawData, AsnEncodingRules.DER).ReadSequence();
        var signed = certificate.ReadEncodedValue().ToArray();
        var stamp = Number(time.ToUnixTimeMilliseconds(), 8);
        byte[] message =
        [
            0, 0, .. stamp, 0, 1, .. SHA256.HashData(issuer.PublicKey.ExportSubjectPublicKeyInfo()), .. Number(signed.Length, 3), .. signed,
            .. Number(extensions.Length, 2), .. extensions,
        ];
        var signature = _key.SignData(message, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        byte[] promise = [0, .. Id, .. stamp, .. Number(extensions.Length, 2), .. extensions, 4, 3, .. Number(signature.Length, 2), .. signature];
        byte[] list = [.. Number(promise.Length + 2, 2), .. Number(promise.Length, 2), .. promise];
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteOctetString(list);
        return new X509Extension(Oid, writer.Encode(), false);
    }

    private static byte[] Number(long value, int size)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes[^size..];
    }
}
