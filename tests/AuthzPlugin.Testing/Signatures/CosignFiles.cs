using System.Text;
using System.Text.Json.Nodes;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Testing.Signatures;

/// <summary>What cosign writes: payloads, statements, bundles (as 2.5 and 3.1 were seen to write them).</summary>
public static class CosignFiles
{
    public const string SignPredicate = "https://sigstore.dev/cosign/sign/v1";

    public static byte[] Payload(
        Digest digest, IReadOnlyDictionary<string, string>? annotations = null, string type = "cosign container image signature") =>
        Encoding.UTF8.GetBytes(new JsonObject
        {
            ["critical"] = new JsonObject
            {
                ["identity"] = new JsonObject { ["docker-reference"] = "registry.example.com/some/where" },
                ["image"] = new JsonObject { ["docker-manifest-digest"] = digest.ToString() },
                ["type"] = type,
            },
            ["optional"] = annotations is null ? null : Object(annotations),
        }.ToJsonString());

    public static byte[] Statement(
        Digest digest, IReadOnlyDictionary<string, string>? annotations = null, string predicateType = SignPredicate)
    {
        var subject = new JsonObject { ["digest"] = new JsonObject { ["sha256"] = digest.Hex } };
        if (annotations is not null)
        {
            subject["annotations"] = Object(annotations);
        }

        return Encoding.UTF8.GetBytes(new JsonObject
        {
            ["_type"] = "https://in-toto.io/Statement/v1",
            ["subject"] = new JsonArray(subject),
            ["predicateType"] = predicateType,
            ["predicate"] = new JsonObject(),
        }.ToJsonString());
    }

    /// <summary>The bundle as an object, so that a test can change it.</summary>
    public static JsonObject Bundle(CosignTestKey key, byte[] statement, string payloadType = "application/vnd.in-toto+json")
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes($"DSSEv1 {payloadType.Length} {payloadType} {statement.Length} "), .. statement];
        return new JsonObject
        {
            ["mediaType"] = "application/vnd.dev.sigstore.bundle.v0.3+json",
            ["verificationMaterial"] = new JsonObject { ["publicKey"] = new JsonObject { ["hint"] = "aGludA==" } },
            ["dsseEnvelope"] = new JsonObject
            {
                ["payload"] = Convert.ToBase64String(statement),
                ["payloadType"] = payloadType,
                ["signatures"] = new JsonArray(new JsonObject { ["sig"] = Convert.ToBase64String(key.Sign(signed)) }),
            },
        };
    }

    public static byte[] Bytes(JsonNode json) => Encoding.UTF8.GetBytes(json.ToJsonString());

    private static JsonObject Object(IReadOnlyDictionary<string, string> annotations) =>
        new(annotations.Select(a => KeyValuePair.Create<string, JsonNode?>(a.Key, a.Value)));
}
