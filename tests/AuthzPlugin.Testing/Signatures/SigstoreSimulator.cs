using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace AuthzPlugin.Testing.Signatures;

/// <summary>
/// A sigstore of its own: certificate authority, certificate transparency log, Rekor 1 and 2, timestamp authority, and the
/// <c>trusted_root.json</c> that names them. It makes the artefacts that <c>cosign sign</c> leaves in a registry.
/// </summary>
public sealed class SigstoreSimulator
{
    public const string Issuer = "https://token.actions.example.com";
    public const string Subject = "https://git.example.com/team/app/.ci/release.yml@refs/heads/main";

    /// <summary>When everything was signed; certificates live for ten minutes.</summary>
    public static readonly DateTimeOffset SignedAt = new(2026, 1, 15, 12, 0, 0, TimeSpan.Zero);

    private static readonly DateTimeOffset Start = SignedAt.AddYears(-1);
    private static readonly DateTimeOffset End = SignedAt.AddYears(9);
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    public SimulatedAuthority Authority { get; } = new("sigstore.example", SimulatedAuthority.CodeSigning, Start, End);

    public SimulatedCertificateLog CertificateLog { get; } = new();

    public SimulatedLog Log { get; } = new("rekor.sigstore.example", 1);

    public SimulatedLog Log2 { get; } = new("log2026.rekor.sigstore.example", 2);

    public SimulatedTimestamps Timestamps { get; } = new("sigstore.example", Start, End);

    /// <summary>The root file as an object, so that a test can change it.</summary>
    public JsonObject TrustedRoot() => new()
    {
        ["mediaType"] = "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        ["tlogs"] = new JsonArray(LogOf(Log), LogOf(Log2)),
        ["certificateAuthorities"] = new JsonArray(AuthorityOf("https://fulcio.sigstore.example", [Authority.Intermediate.RawData, Authority.Root.RawData])),
        ["ctlogs"] = new JsonArray(KeyOf("https://ctfe.sigstore.example", CertificateLog.PublicKey, CertificateLog.Id, "PKIX_ECDSA_P256_SHA_256")),
        ["timestampAuthorities"] = new JsonArray(AuthorityOf("https://timestamp.sigstore.example", Timestamps.Chain)),
    };

    public byte[] TrustedRootFile() => CosignFiles.Bytes(TrustedRoot());

    /// <summary>A certificate as Fulcio issues it.</summary>
    public KeylessCertificate Issue(KeylessSigning? how = null)
    {
        how ??= new KeylessSigning();
        var (authority, serial, key) = (how.Authority ?? Authority, SimulatedAuthority.Serial(), ECDsa.Create(ECCurve.NamedCurves.nistP256));
        var certificate = authority.Issue(Request(how, key), SignedAt, SignedAt + Lifetime, serial);
        if (how.HasPromise)
        {
            var request = Request(how, key);
            var promise = (how.CertificateLog ?? CertificateLog).Promise(certificate, authority.Intermediate, SignedAt);
            certificate = authority.Issue(request, SignedAt, SignedAt + Lifetime, serial, promise);
        }

        return new KeylessCertificate(certificate, key, SignedAt);
    }

    /// <summary>The bundle that <c>cosign sign</c> 3 writes, with an entry of Rekor 1.</summary>
    public JsonObject Bundle(byte[] statement, KeylessSigning? how = null, string payloadType = "application/vnd.in-toto+json")
    {
        how ??= new KeylessSigning();
        return Bundle(Issue(how), statement, how, Log, stamped: false, payloadType);
    }

    /// <summary>The same with an entry of Rekor 2 and a timestamp.</summary>
    public JsonObject Bundle2(byte[] statement, KeylessSigning? how = null)
    {
        how ??= new KeylessSigning();
        return Bundle(Issue(how), statement, how, Log2, stamped: true);
    }

    /// <param name="body">Makes the log's entry of the certificate, the payload, the bytes that are signed, and the signature.</param>
    public JsonObject Bundle(
        KeylessCertificate signer,
        byte[] statement,
        KeylessSigning how,
        SimulatedLog log,
        bool stamped,
        string payloadType = "application/vnd.in-toto+json",
        Func<KeylessCertificate, byte[], byte[], byte[], JsonObject>? body = null)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes($"DSSEv1 {payloadType.Length} {payloadType} {statement.Length} "), .. statement];
        var signature = signer.Sign(signed);
        body ??= log.Version == 1 ? (c, payload, _, s) => LogBodies.Dsse(c, payload, s) : (c, _, message, s) => LogBodies.HashedRekord2(c, message, s);
        var material = new JsonObject
        {
            ["certificate"] = new JsonObject { ["rawBytes"] = Convert.ToBase64String(signer.Certificate.RawData) },
            ["tlogEntries"] = new JsonArray(log.Add(body(signer, statement, signed, signature), SignedAt + how.LoggedAfter)),
        };
        if (stamped)
        {
            material["timestampVerificationData"] = Stamps(Timestamps.Stamp(signature, SignedAt + how.StampedAfter));
        }

        return new JsonObject
        {
            ["mediaType"] = "application/vnd.dev.sigstore.bundle.v0.3+json",
            ["verificationMaterial"] = material,
            ["dsseEnvelope"] = new JsonObject
            {
                ["payload"] = Convert.ToBase64String(statement),
                ["payloadType"] = payloadType,
                ["signatures"] = new JsonArray(new JsonObject { ["sig"] = Convert.ToBase64String(signature) }),
            },
        };
    }

    public static JsonObject Stamps(params byte[][] timestamps) => new()
    {
        ["rfc3161Timestamps"] = new JsonArray([.. timestamps.Select(t => new JsonObject { ["signedTimestamp"] = Convert.ToBase64String(t) })]),
    };

    /// <summary>The annotations that <c>cosign sign</c> 2 gives a layer with the payload.</summary>
    public JsonObject Annotations(byte[] payload, KeylessSigning? how = null, bool stamped = false)
    {
        how ??= new KeylessSigning();
        return Annotations(Issue(how), payload, how, stamped);
    }

    public JsonObject Annotations(KeylessCertificate signer, byte[] payload, KeylessSigning how, bool stamped = false)
    {
        var signature = signer.Sign(payload);
        var entry = Log.Add(LogBodies.HashedRekord(signer, payload, signature), SignedAt + how.LoggedAfter);
        var annotations = new JsonObject
        {
            ["dev.cosignproject.cosign/signature"] = Convert.ToBase64String(signature),
            ["dev.sigstore.cosign/certificate"] = signer.Pem,
            ["dev.sigstore.cosign/chain"] = PemEncoding.WriteString("CERTIFICATE", Authority.Intermediate.RawData) + "\n",
            ["dev.sigstore.cosign/bundle"] = SimulatedLog.ToAnnotation(entry).ToJsonString(),
        };
        if (stamped)
        {
            annotations["dev.sigstore.cosign/rfc3161timestamp"] = new JsonObject
            {
                ["SignedRFC3161Timestamp"] = Convert.ToBase64String(Timestamps.Stamp(signature, SignedAt + how.StampedAfter)),
            }.ToJsonString();
        }

        return annotations;
    }

    private static CertificateRequest Request(KeylessSigning how, ECDsa key)
    {
        var request = new CertificateRequest(new X500DistinguishedName(""), key, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(how.Purpose)], false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(NameOf(how));
        request.CertificateExtensions.Add(new X509Extension("1.3.6.1.4.1.57264.1.1", Encoding.UTF8.GetBytes(how.OlderIssuer ?? how.Issuer), false));
        request.CertificateExtensions.Add(SimulatedAuthority.Text("1.3.6.1.4.1.57264.1.8", how.Issuer));
        if (how.HasUnknownExtension)
        {
            request.CertificateExtensions.Add(new X509Extension("1.3.6.1.4.1.99999.1", [5, 0], true));
        }

        return request;
    }

    private static X509Extension NameOf(KeylessSigning how)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            if (how.SubjectKind == "user")
            {
                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                {
                    writer.WriteObjectIdentifier("1.3.6.1.4.1.57264.1.7");
                    using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                    {
                        writer.WriteCharacterString(UniversalTagNumber.UTF8String, how.Subject);
                    }
                }
            }
            else
            {
                var number = how.SubjectKind switch { "mail" => 1, "dns" => 2, _ => 6 };
                writer.WriteCharacterString(UniversalTagNumber.IA5String, how.Subject, new Asn1Tag(TagClass.ContextSpecific, number));
            }
        }

        return new X509Extension("2.5.29.17", writer.Encode(), true);
    }

    private static JsonObject LogOf(SimulatedLog log) =>
        KeyOf($"https://{log.Host}", log.PublicKey, log.Id, log.IsEd25519 ? "PKIX_ED25519" : "PKIX_ECDSA_P256_SHA_256");

    private static JsonObject KeyOf(string url, byte[] key, byte[] id, string details) => new()
    {
        ["baseUrl"] = url,
        ["hashAlgorithm"] = "SHA2_256",
        ["publicKey"] = new JsonObject
        {
            ["rawBytes"] = Convert.ToBase64String(key),
            ["keyDetails"] = details,
            ["validFor"] = new JsonObject { ["start"] = Text(Start) },
        },
        ["logId"] = new JsonObject { ["keyId"] = Convert.ToBase64String(id) },
    };

    private static JsonObject AuthorityOf(string url, IReadOnlyList<byte[]> chain) => new()
    {
        ["subject"] = new JsonObject { ["organization"] = "sigstore.example", ["commonName"] = "sigstore.example" },
        ["uri"] = url,
        ["certChain"] = new JsonObject
        {
            ["certificates"] = new JsonArray([.. chain.Select(c => new JsonObject { ["rawBytes"] = Convert.ToBase64String(c) })]),
        },
        ["validFor"] = new JsonObject { ["start"] = Text(Start), ["end"] = Text(End) },
    };

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
