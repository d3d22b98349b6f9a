using System.Text.Json.Nodes;
using AuthzPlugin.Testing.Metadata;

namespace AuthzPlugin.Enforcement.Tests.TrustData;

/// <summary>Ways in which a role's file is wrong although everything above it lists its hash (notary-v1.md 7, line 63).</summary>
internal static class Damage
{
    public static readonly IReadOnlyDictionary<string, Action<TestRepository, TestRole>> Kinds = new Dictionary<string, Action<TestRepository, TestRole>>
    {
        ["invalid JSON"] = (_, role) => role.Corrupt = file => [.. file.Take(file.Length - 1)],
        ["signatures not a list"] = (_, role) => role.Corrupt = file => Edit(file, root => root["signatures"] = "none"),
        ["_type a list"] = (_, role) => role.Change = signed => signed["_type"] = new JsonArray(),
        ["wrong _type"] = (_, role) => role.Change = signed => signed["_type"] = "Other",
        ["version a string"] = (_, role) => role.Change = signed => signed["version"] = "1",
        ["expires unreadable"] = (_, role) => role.Change = signed => signed["expires"] = "tomorrow",
        ["version minus 3"] = (_, role) => role.Version -= 3,
        ["bad signature"] = (_, role) => role.Corrupt = file => Edit(file, FlipSignature),
        ["wrong key"] = (_, role) => role.SignWith = [role.Name == "root" ? TestKey.Certificate("registry.example.com/team/app") : TestKey.Ecdsa()],
        ["threshold 2"] = (_, role) => role.Threshold = 2,
        ["expired"] = (repository, role) => role.Expires = repository.Now.AddSeconds(-1),
        ["no signatures"] = (_, role) => role.SignWith = [],
        ["duplicate key"] = (_, role) => role.Corrupt = file => [.. "{\"signatures\":[],"u8, .. file.AsSpan(1)],
    };

    public static TestRole RoleOf(TestRepository repository, string name) => name switch
    {
        "root" => repository.Root,
        "timestamp" => repository.Timestamp,
        "snapshot" => repository.Snapshot,
        "targets" => repository.Targets,
        _ => repository.Targets.Delegations.Single(d => d.Name == name),
    };

    public static byte[] Space(byte[] file) => [.. file, (byte)' '];

    private static byte[] Edit(byte[] file, Action<JsonObject> change)
    {
        var root = JsonNode.Parse(file)!.AsObject();
        change(root);
        return MetadataWriter.Canonical(root);
    }

    private static void FlipSignature(JsonObject root)
    {
        var signature = root["signatures"]![0]!;
        var bytes = Convert.FromBase64String(signature["sig"]!.GetValue<string>());
        bytes[10] ^= 1;
        signature["sig"] = Convert.ToBase64String(bytes);
    }
}
