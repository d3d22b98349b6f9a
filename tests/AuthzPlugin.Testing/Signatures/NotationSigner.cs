using System.Buffers.Text;
using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using AuthzPlugin.Trust.Notation;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Testing.Signatures;

/// <summary>
/// Signs as notation does, in both formats, with certificates of a test. Everything that it writes can be bent, so that a test can make what
/// notation would not.
/// </summary>
public sealed record NotationSigner
{
    public const string Scheme = "io.cncf.notary.signingScheme";
    public const string SigningTime = "io.cncf.notary.signingTime";
    public const string AuthenticSigningTime = "io.cncf.notary.authenticSigningTime";
    public const string ExpiryName = "io.cncf.notary.expiry";
    public const string PayloadType = "application/vnd.cncf.notary.payload.v1+json";
    public const string ManifestType = "application/vnd.oci.image.manifest.v1+json";

    /// <summary>The signing certificate first, the root last.</summary>
    public required IReadOnlyList<TestCertificate> Chain { get; init; }

    /// <summary>The key that signs when it is not the first certificate's.</summary>
    public TestCertificate? Key { get; init; }

    public DateTimeOffset MadeAt { get; init; } = CertificateShape.From.AddMonths(1);

    public bool IsAuthority { get; init; }

    public DateTimeOffset? Expiry { get; init; }

    /// <summary>Null: the one of the first certificate's key.</summary>
    public string? Algorithm { get; init; }

    public string ContentType { get; init; } = PayloadType;

    /// <summary>Null: those that the specification demands.</summary>
    public IReadOnlyList<string>? Critical { get; init; }

    /// <summary>Further protected headers, or other values; an empty value removes one.</summary>
    public IReadOnlyDictionary<string, string> Others { get; init; } = new Dictionary<string, string>();

    /// <summary>Makes a timestamp token over the signature.</summary>
    public Func<byte[], byte[]>? Timestamp { get; init; }

    /// <summary>A root, and a signer that it issued.</summary>
    public static NotationSigner Make(CertificateShape? leaf = null, CertificateShape? root = null)
    {
        var authority = TestCertificate.Make(root ?? CertificateShape.Authority());
        return new NotationSigner { Chain = [TestCertificate.Make(leaf ?? new CertificateShape(), authority), authority] };
    }

    /// <summary>The signed payload.</summary>
    public static byte[] Payload(NotationTarget target, IReadOnlyDictionary<string, string>? annotations = null)
    {
        var artifact = new JsonObject { ["mediaType"] = target.MediaType, ["digest"] = target.Digest.ToString(), ["size"] = target.Size };
        if (annotations is not null)
        {
            artifact["annotations"] = new JsonObject(annotations.Select(a => KeyValuePair.Create<string, JsonNode?>(a.Key, a.Value)));
        }

        return Encoding.UTF8.GetBytes(new JsonObject { ["targetArtifact"] = artifact }.ToJsonString());
    }

    /// <summary>Whatever has these bytes, as a manifest.</summary>
    public static NotationTarget Target(byte[] manifest) => new(Digest.FromHash(SHA256.HashData(manifest)), ManifestType, manifest.Length);

    public NotationSignature Sign(NotationFormat format, byte[] payload) =>
        new(format, format == NotationFormat.Jws ? Encoding.UTF8.GetBytes(Jws(payload).ToJsonString()) : Cose(payload));

    /// <summary>The envelope as an object, so that a test can change it.</summary>
    public JsonObject Jws(byte[] payload)
    {
        var body = new JsonObject { ["alg"] = AlgorithmName, ["crit"] = new JsonArray([.. CriticalNames.Select(n => JsonValue.Create(n))]), ["cty"] = ContentType };
        foreach (var (name, value) in Attributes())
        {
            body[name] = value;
        }

        var head = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(body.ToJsonString()));
        var content = Base64Url.EncodeToString(payload);
        var signature = SignBytes(Encoding.ASCII.GetBytes($"{head}.{content}"));
        var header = new JsonObject
        {
            ["x5c"] = new JsonArray([.. Chain.Select(c => JsonValue.Create(Convert.ToBase64String(c.Der)))]),
            ["io.cncf.notary.signingAgent"] = "test/1",
        };
        if (Timestamp is not null)
        {
            header["io.cncf.notary.timestampSignature"] = Convert.ToBase64String(Timestamp(signature));
        }

        return new JsonObject { ["payload"] = content, ["protected"] = head, ["header"] = header, ["signature"] = Base64Url.EncodeToString(signature) };
    }

    public byte[] Cose(byte[] payload)
    {
        var head = CoseHeaders();
        var signed = new CborWriter();
        signed.WriteStartArray(4);
        signed.WriteTextString("Signature1");
        signed.WriteByteString(head);
        signed.WriteByteString([]);
        signed.WriteByteString(payload);
        signed.WriteEndArray();
        var signature = SignBytes(signed.Encode());

        var writer = new CborWriter();
        writer.WriteTag((CborTag)18);
        writer.WriteStartArray(4);
        writer.WriteByteString(head);
        writer.WriteStartMap(Timestamp is null ? 2 : 3);
        writer.WriteInt32(33);
        writer.WriteStartArray(Chain.Count);
        foreach (var certificate in Chain)
        {
            writer.WriteByteString(certificate.Der);
        }

        writer.WriteEndArray();
        writer.WriteTextString("io.cncf.notary.signingAgent");
        writer.WriteTextString("test/1");
        if (Timestamp is not null)
        {
            writer.WriteTextString("io.cncf.notary.timestampSignature");
            writer.WriteByteString(Timestamp(signature));
        }

        writer.WriteEndMap();
        writer.WriteByteString(payload);
        writer.WriteByteString(signature);
        writer.WriteEndArray();
        return writer.Encode();
    }

    private string AlgorithmName => Algorithm ?? AlgorithmOf(Chain[0]);

    private static string AlgorithmOf(TestCertificate certificate) => certificate.Key switch
    {
        ECDsa { KeySize: 256 } => "ES256",
        ECDsa { KeySize: 384 } => "ES384",
        ECDsa => "ES512",
        RSA { KeySize: 3072 } => "PS384",
        RSA { KeySize: 4096 } => "PS512",
        _ => "PS256",
    };

    private IReadOnlyList<string> CriticalNames => Critical ??
    [
        Scheme,
        .. IsAuthority ? [AuthenticSigningTime] : Array.Empty<string>(),
        .. Expiry is null ? Array.Empty<string>() : [ExpiryName],
    ];

    private Dictionary<string, string> Attributes()
    {
        var result = new Dictionary<string, string>
        {
            [Scheme] = IsAuthority ? "notary.x509.signingAuthority" : "notary.x509",
            [IsAuthority ? AuthenticSigningTime : SigningTime] = Time(MadeAt),
        };
        if (Expiry is { } end)
        {
            result[ExpiryName] = Time(end);
        }

        foreach (var (name, value) in Others)
        {
            result[name] = value;
        }

        return result.Where(p => p.Value.Length > 0).ToDictionary();
    }

    private byte[] CoseHeaders()
    {
        var attributes = Attributes();
        var writer = new CborWriter();
        writer.WriteStartMap(3 + attributes.Count);
        writer.WriteInt32(1);
        writer.WriteInt32(AlgorithmName switch { "PS256" => -37, "PS384" => -38, "PS512" => -39, "ES256" => -7, "ES384" => -35, "ES512" => -36, _ => -65535 });
        writer.WriteInt32(2);
        writer.WriteStartArray(CriticalNames.Count);
        foreach (var name in CriticalNames)
        {
            writer.WriteTextString(name);
        }

        writer.WriteEndArray();
        writer.WriteInt32(3);
        writer.WriteTextString(ContentType);
        foreach (var (name, value) in attributes)
        {
            writer.WriteTextString(name);
            if (name is SigningTime or AuthenticSigningTime or ExpiryName)
            {
                writer.WriteTag(CborTag.UnixTimeSeconds);
                writer.WriteInt64(DateTimeOffset.Parse(value, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeSeconds());
            }
            else
            {
                writer.WriteTextString(value);
            }
        }

        writer.WriteEndMap();
        return writer.Encode();
    }

    private byte[] SignBytes(byte[] message)
    {
        var key = (Key ?? Chain[0]).Key;
        var hash = AlgorithmOf(Key ?? Chain[0])[2..] switch
        {
            "256" => HashAlgorithmName.SHA256,
            "384" => HashAlgorithmName.SHA384,
            _ => HashAlgorithmName.SHA512,
        };
        return key is ECDsa ecdsa
            ? ecdsa.SignData(message, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
            : ((RSA)key).SignData(message, hash, RSASignaturePadding.Pss);
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
}
