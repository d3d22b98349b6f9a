using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AuthzPlugin.Testing.Signatures;

/// <summary>A root and an intermediate certificate that issue short-lived ones, as Fulcio, or one for timestamps.</summary>
public sealed class SimulatedAuthority
{
    public const string CodeSigning = "1.3.6.1.5.5.7.3.3";
    public const string TimeStamping = "1.3.6.1.5.5.7.3.8";

    private readonly X509Certificate2 _issuer;

    public SimulatedAuthority(string name, string purpose, DateTimeOffset from, DateTimeOffset until)
    {
        var root = Request($"O={name},CN={name} root", ECDsa.Create(ECCurve.NamedCurves.nistP384), HashAlgorithmName.SHA384);
        AddAuthority(root, 1);
        Root = root.CreateSelfSigned(from, until);

        var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var intermediate = Request($"O={name},CN={name} intermediate", key, HashAlgorithmName.SHA384);
        AddAuthority(intermediate, 0);
        intermediate.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        intermediate.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Root, true, false));
        Intermediate = intermediate.Create(Root, from, until, Serial());
        _issuer = Intermediate.CopyWithPrivateKey(key);
    }

    public X509Certificate2 Root { get; }

    public X509Certificate2 Intermediate { get; }

    /// <summary>Issues a certificate; the request has the extensions already, all but the last.</summary>
    public X509Certificate2 Issue(CertificateRequest request, DateTimeOffset from, DateTimeOffset until, byte[]? serial = null, X509Extension? last = null)
    {
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Intermediate, true, false));
        if (last is not null)
        {
            request.CertificateExtensions.Add(last);
        }

        return request.Create(_issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(_issuer.GetECDsaPrivateKey()!), from, until, serial ?? Serial());
    }

    public static byte[] Serial()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x7f) | 0x01);
        return serial;
    }

    public static X509Extension Text(string oid, string text)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteCharacterString(UniversalTagNumber.UTF8String, text);
        return new X509Extension(oid, writer.Encode(), false);
    }

    private static CertificateRequest Request(string name, ECDsa key, HashAlgorithmName hash) => new(name, key, hash);

    private static void AddAuthority(CertificateRequest request, int length)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, length, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
    }
}
