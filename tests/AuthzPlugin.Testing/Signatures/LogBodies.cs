using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace AuthzPlugin.Testing.Signatures;

/// <summary>What Rekor keeps of a signature, by kind of entry (as Rekor writes it: names in order, no white space).</summary>
public static class LogBodies
{
    public static JsonObject HashedRekord(KeylessCertificate signer, byte[] message, byte[] signature) => Entry("hashedrekord", "0.0.1", new JsonObject
    {
        ["data"] = new JsonObject { ["hash"] = Hash(message) },
        ["signature"] = new JsonObject
        {
            ["content"] = Convert.ToBase64String(signature),
            ["publicKey"] = new JsonObject { ["content"] = Pem(signer) },
        },
    });

    public static JsonObject Dsse(KeylessCertificate signer, byte[] payload, byte[] signature) => Entry("dsse", "0.0.1", new JsonObject
    {
        ["envelopeHash"] = Hash([.. payload, .. signature]),
        ["payloadHash"] = Hash(payload),
        ["signatures"] = new JsonArray(new JsonObject { ["signature"] = Convert.ToBase64String(signature), ["verifier"] = Pem(signer) }),
    });

    public static JsonObject InToto(KeylessCertificate signer, byte[] payload, byte[] signature) => Entry("intoto", "0.0.2", new JsonObject
    {
        ["content"] = new JsonObject
        {
            ["envelope"] = new JsonObject
            {
                ["payloadType"] = "application/vnd.in-toto+json",
                ["signatures"] = new JsonArray(new JsonObject
                {
                    ["publicKey"] = Pem(signer),
                    ["sig"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(Convert.ToBase64String(signature))),
                }),
            },
            ["hash"] = Hash(payload),
            ["payloadHash"] = Hash(payload),
        },
    });

    /// <summary>What Rekor 2 keeps of an envelope since it keeps no <c>dsse</c> any more: a hash of what was signed.</summary>
    public static JsonObject HashedRekord2(KeylessCertificate signer, byte[] message, byte[] signature) => Entry("hashedrekord", "0.0.2", new JsonObject
    {
        ["hashedRekordV002"] = new JsonObject
        {
            ["data"] = Hash2(message),
            ["signature"] = new JsonObject { ["content"] = Convert.ToBase64String(signature), ["verifier"] = Verifier(signer) },
        },
    });

    public static JsonObject Dsse2(KeylessCertificate signer, byte[] payload, byte[] signature) => Entry("dsse", "0.0.2", new JsonObject
    {
        ["dsseV002"] = new JsonObject
        {
            ["payloadHash"] = Hash2(payload),
            ["signatures"] = new JsonArray(new JsonObject { ["content"] = Convert.ToBase64String(signature), ["verifier"] = Verifier(signer) }),
        },
    });

    private static JsonObject Entry(string kind, string version, JsonObject spec) => new() { ["apiVersion"] = version, ["kind"] = kind, ["spec"] = spec };

    private static JsonObject Hash(byte[] bytes) => new() { ["algorithm"] = "sha256", ["value"] = Convert.ToHexStringLower(SHA256.HashData(bytes)) };

    private static JsonObject Hash2(byte[] bytes) => new() { ["algorithm"] = "SHA2_256", ["digest"] = Convert.ToBase64String(SHA256.HashData(bytes)) };

    private static string Pem(KeylessCertificate signer) => Convert.ToBase64String(Encoding.UTF8.GetBytes(signer.Pem));

    private static JsonObject Verifier(KeylessCertificate signer) => new()
    {
        ["keyDetails"] = "PKIX_ECDSA_P256_SHA_256",
        ["x509Certificate"] = new JsonObject { ["rawBytes"] = Convert.ToBase64String(signer.Certificate.RawData) },
    };
}
