using System.Security.Cryptography;
using AuthzPlugin.Trust.Certificates;
using AuthzPlugin.Trust.Cosign;
using AuthzPlugin.Trust.Json;

namespace AuthzPlugin.Trust.Sigstore;

/// <summary>Reads the root file. Members that are not known are passed over, as its readers must; keys of algorithms that are not known count for nothing.</summary>
internal static class SigstoreRootReader
{
    private const int MaxDepth = 16;
    private const int MaxTokens = 32 * 1024;
    private const int MaxEntries = 64;
    private const int MaxChain = 8;
    private const int IdSize = 32;

    private static readonly string[] MediaTypes =
    [
        "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        "application/vnd.dev.sigstore.trustedroot+json;version=0.2",
        "application/vnd.dev.sigstore.trustedroot.v0.1+json",
        "application/vnd.dev.sigstore.trustedroot.v0.2+json",
    ];

    /// <exception cref="FormatException">It is no such file.</exception>
    internal static SigstoreRoot Read(ReadOnlyMemory<byte> file)
    {
        var root = StrictJson.Parse(file, MaxDepth, MaxTokens).Root;
        var type = root.Get("mediaType").GetString();
        if (!MediaTypes.Contains(type))
        {
            throw new FormatException($"it is of the type {type}");
        }

        var authorities = ReadAll(root, "certificateAuthorities", a => ReadAuthority(a, CertificateRules.CodeSigning));
        var certificateLogs = ReadAll(root, "ctlogs", ReadLog);
        var logs = ReadAll(root, "tlogs", ReadLog);
        var timestamps = ReadAll(root, "timestampAuthorities", a => ReadAuthority(a, CertificateRules.TimeStamping));
        return (authorities.Count, certificateLogs.Count, logs.Count) switch
        {
            (0, _, _) => throw new FormatException("it has no certificate authority"),
            (_, 0, _) => throw new FormatException("it has no certificate transparency log with a key that is known here"),
            (_, _, 0) => throw new FormatException("it has no transparency log with a key that is known here"),
            _ => new SigstoreRoot(file.ToArray(), authorities, certificateLogs, logs, timestamps),
        };
    }

    private static List<T> ReadAll<T>(JsonValue root, string name, Func<JsonValue, T?> read)
        where T : class
    {
        var result = new List<T>();
        if (root.FindNotNull(name) is not { } list)
        {
            return result;
        }

        var count = 0;
        foreach (var item in list.Items())
        {
            if (++count > MaxEntries)
            {
                throw new FormatException($"it has more than {MaxEntries} {name}");
            }

            if (read(item) is { } value)
            {
                result.Add(value);
            }
        }

        return result;
    }

    private static PinnedAuthority ReadAuthority(JsonValue authority, string purpose)
    {
        var chain = new List<DerCertificate>();
        foreach (var certificate in authority.Get("certChain").Get("certificates").Items())
        {
            if (chain.Count == MaxChain)
            {
                throw new FormatException($"the chain of an authority is longer than {MaxChain}");
            }

            chain.Add(DerCertificate.Read(StrictBase64.Decode(certificate.Get("rawBytes").Utf8)));
        }

        return PinnedAuthority.Create(purpose, chain, ReadWindow(authority.Get("validFor")));
    }

    private static LogKey? ReadLog(JsonValue log)
    {
        if (log.FindNotNull("hashAlgorithm") is { } hash && hash.GetString() != "SHA2_256")
        {
            throw new FormatException("a log hashes with something else than SHA2_256");
        }

        var key = log.Get("publicKey");
        var window = ReadWindow(key.Get("validFor"));
        var id = ReadId(log.Get("logId"));
        var checkpoint = log.FindNotNull("checkpointKeyId") is { } other ? ReadCheckpointId(other) : id;
        return ReadKey(key.Get("keyDetails").GetString(), StrictBase64.Decode(key.Get("rawBytes").Utf8)) is { } read ? new LogKey(id, checkpoint, read, window) : null;
    }

    private static byte[] ReadId(JsonValue id)
    {
        var bytes = StrictBase64.Decode(id.Get("keyId").Utf8);
        return bytes.Length == IdSize ? bytes : throw new FormatException("the id of a log has not 32 bytes");
    }

    private static byte[] ReadCheckpointId(JsonValue id)
    {
        var bytes = StrictBase64.Decode(id.Get("keyId").Utf8);
        return bytes.Length is 4 or IdSize ? bytes : throw new FormatException("the checkpoint id of a log has neither 4 nor 32 bytes");
    }

    /// <summary>Null for an algorithm that is not known.</summary>
    private static CosignKey? ReadKey(string details, byte[] bytes)
    {
        var prefix = details switch
        {
            "PKIX_ECDSA_P256_SHA_256" => "ecdsa-p256",
            "PKIX_ECDSA_P384_SHA_384" => "ecdsa-p384",
            "PKIX_ECDSA_P521_SHA_512" => "ecdsa-p521",
            "PKIX_ED25519" => "ed25519",
            "PKCS1_RSA_PKCS1V5" or "PKIX_RSA_PKCS1V5" => "rsa-",
            "PKIX_RSA_PKCS1V15_2048_SHA256" => "rsa-2048",
            "PKIX_RSA_PKCS1V15_3072_SHA256" => "rsa-3072",
            "PKIX_RSA_PKCS1V15_4096_SHA256" => "rsa-4096",
            _ => null,
        };
        if (prefix is null)
        {
            return null;
        }

        var key = CosignKey.Find(details.StartsWith("PKCS1", StringComparison.Ordinal) ? ToInfo(bytes) : bytes);
        return key is not null && key.Algorithm.StartsWith(prefix, StringComparison.Ordinal) ? key : throw new FormatException($"a key is not of its kind {details}");
    }

    /// <summary>Old logs state their RSA key in the form of PKCS #1.</summary>
    private static byte[] ToInfo(byte[] key)
    {
        using var rsa = RSA.Create();
        try
        {
            rsa.ImportRSAPublicKey(key, out var read);
            return read == key.Length ? rsa.ExportSubjectPublicKeyInfo() : [];
        }
        catch (CryptographicException e)
        {
            throw new FormatException("a key is not RSA in the form of PKCS #1", e);
        }
    }

    private static ValidityWindow ReadWindow(JsonValue window)
    {
        var start = Rfc3339.Parse(window.Get("start").Utf8);
        DateTimeOffset? end = window.FindNotNull("end") is { } present ? Rfc3339.Parse(present.Utf8) : null;
        return end < start ? throw new FormatException("a window of time ends before it starts") : new ValidityWindow(start, end);
    }
}
