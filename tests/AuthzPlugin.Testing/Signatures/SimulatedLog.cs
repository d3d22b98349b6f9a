using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AuthzPlugin.Testing.Signatures;

/// <summary>A Rekor log, of version 1 (promises and proofs) or 2 (proofs, no times), whose tree has some leaves of others.</summary>
public sealed class SimulatedLog
{
    private const int Others = 5;

    // No escapes that are not needed: a log canonicalizes what it takes in (RFC 8785).
    private static readonly JsonSerializerOptions Canonical = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly CosignTestKey _key;
    private readonly string _origin;
    private readonly string _name;
    private readonly List<byte[]> _leaves = [.. Enumerable.Range(0, Others).Select(i => Encoding.UTF8.GetBytes($"entry {i}"))];

    public SimulatedLog(string host, int version, CosignTestKey? key = null)
    {
        Host = host;
        Version = version;
        _key = key ?? (version == 1 ? CosignTestKey.Ecdsa() : CosignTestKey.Ed25519());
        _name = host;
        _origin = version == 1 ? $"{host} - 1193050959916656506" : host;
        Id = IsEd25519
            ? SHA256.HashData([.. Encoding.UTF8.GetBytes($"{host}\n"), 1, .. PublicKey[^32..]])
            : SHA256.HashData(PublicKey);
    }

    public string Host { get; }

    public int Version { get; }

    public bool IsEd25519 => _key.Public.Algorithm == "ed25519";

    public byte[] PublicKey => Convert.FromBase64String(string.Concat(_key.Pem.Split('\n').Where(l => !l.StartsWith("---", StringComparison.Ordinal))));

    public byte[] Id { get; }

    /// <summary>Takes an entry in and answers as a bundle has it (<c>tlogEntries</c>), with everything that the version gives.</summary>
    public JsonObject Add(JsonObject body, DateTimeOffset time)
    {
        var bytes = Encoding.UTF8.GetBytes(body.ToJsonString(Canonical));
        _leaves.Insert(_leaves.Count - 2, bytes);
        var index = _leaves.IndexOf(bytes);
        var (root, path) = (Root(_leaves), Path(index, _leaves));
        var size = _leaves.Count.ToString(CultureInfo.InvariantCulture);
        var entry = new JsonObject
        {
            ["logIndex"] = index.ToString(CultureInfo.InvariantCulture),
            ["logId"] = new JsonObject { ["keyId"] = Convert.ToBase64String(Id) },
            ["kindVersion"] = new JsonObject { ["kind"] = (string)body["kind"]!, ["version"] = (string)body["apiVersion"]! },
        };
        if (Version == 1)
        {
            entry["integratedTime"] = time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            entry["inclusionPromise"] = new JsonObject { ["signedEntryTimestamp"] = Convert.ToBase64String(Promise(bytes, index, time)) };
        }

        entry["inclusionProof"] = new JsonObject
        {
            ["logIndex"] = index.ToString(CultureInfo.InvariantCulture),
            ["rootHash"] = Convert.ToBase64String(root),
            ["treeSize"] = size,
            ["hashes"] = new JsonArray([.. path.Select(h => JsonValue.Create(Convert.ToBase64String(h)))]),
            ["checkpoint"] = new JsonObject { ["envelope"] = Checkpoint(size, root) },
        };
        entry["canonicalizedBody"] = Convert.ToBase64String(bytes);
        return entry;
    }

    /// <summary>The same entry as cosign 2 has it in an annotation.</summary>
    public static JsonObject ToAnnotation(JsonObject entry) => new()
    {
        ["SignedEntryTimestamp"] = (string)entry["inclusionPromise"]!["signedEntryTimestamp"]!,
        ["Payload"] = new JsonObject
        {
            ["body"] = (string)entry["canonicalizedBody"]!,
            ["integratedTime"] = long.Parse((string)entry["integratedTime"]!, CultureInfo.InvariantCulture),
            ["logIndex"] = long.Parse((string)entry["logIndex"]!, CultureInfo.InvariantCulture),
            ["logID"] = Convert.ToHexStringLower(Convert.FromBase64String((string)entry["logId"]!["keyId"]!)),
        },
    };

    /// <summary>A checkpoint as the log signs it.</summary>
    public string Checkpoint(string size, byte[] root, string? name = null)
    {
        var text = $"{_origin}\n{size}\n{Convert.ToBase64String(root)}\n";
        byte[] line = [.. Id[..4], .. _key.Sign(Encoding.UTF8.GetBytes(text))];
        return $"{text}\n\u2014 {name ?? _name} {Convert.ToBase64String(line)}\n";
    }

    private byte[] Promise(byte[] body, int index, DateTimeOffset time) => _key.Sign(Encoding.UTF8.GetBytes(
        $"{{\"body\":\"{Convert.ToBase64String(body)}\",\"integratedTime\":{time.ToUnixTimeSeconds()},\"logID\":\"{Convert.ToHexStringLower(Id)}\",\"logIndex\":{index}}}"));

    /// <summary>RFC 6962 2.1.</summary>
    private static byte[] Root(List<byte[]> leaves)
    {
        if (leaves.Count == 1)
        {
            return SHA256.HashData([0, .. leaves[0]]);
        }

        var half = Half(leaves.Count);
        return SHA256.HashData([1, .. Root(leaves[..half]), .. Root(leaves[half..])]);
    }

    /// <summary>RFC 6962 2.1.1.</summary>
    private static List<byte[]> Path(int index, List<byte[]> leaves)
    {
        if (leaves.Count == 1)
        {
            return [];
        }

        var half = Half(leaves.Count);
        return index < half
            ? [.. Path(index, leaves[..half]), Root(leaves[half..])]
            : [.. Path(index - half, leaves[half..]), Root(leaves[..half])];
    }

    private static int Half(int count)
    {
        var half = 1;
        while (half * 2 < count)
        {
            half *= 2;
        }

        return half;
    }
}
