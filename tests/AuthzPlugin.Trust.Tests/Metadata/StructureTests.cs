using System.Text;
using System.Text.Json.Nodes;
using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.Tests.Verification;

namespace AuthzPlugin.Trust.Tests.Metadata;

/// <summary>
/// Lines 22 to 32, 65 and 68 of notary-v1.md 7: the signed part of one role is changed and signed again by the right keys, and parents
/// list the
/// changed file, so that nothing but the structure is wrong.
/// </summary>
public sealed class StructureTests
{
    private static readonly string[] Roles = ["root", "timestamp", "snapshot", "targets", "targets/releases"];

    public static TheoryData<string, string, Action<JsonObject>> CommonRows
    {
        get
        {
            var data = new TheoryData<string, string, Action<JsonObject>>();
            foreach (var role in Roles)
            {
                foreach (var type in (string[])["root", "Root ", "RoOt", "TARGETS", "targets", "not_real", ""])
                {
                    data.Add($"L022 _type {type}", role, s => s["_type"] = type);
                }

                data.Add("L022 no _type", role, s => s.Remove("_type"));
                data.Add("L063 _type a list", role, s => s["_type"] = new JsonArray());
                data.Add("L112 only _TYPE", role, s => Rename(s, "_type", "_TYPE"));
                data.Add("L112 only VERSION", role, s => Rename(s, "version", "VERSION"));
                data.Add("L023 version 0", role, s => s["version"] = 0);
                data.Add("L023 version -1", role, s => s["version"] = -1);
                data.Add("L063 version -3", role, s => s["version"] = -3);
                data.Add("L024 version a text", role, s => s["version"] = "1");
                data.Add("L024 version null", role, s => s["version"] = null);
                data.Add("L024 no version", role, s => s.Remove("version"));
                data.Add("L024 version 1.0", role, s => s["version"] = JsonNode.Parse("1.0"));
                data.Add("L024 version 1e1", role, s => s["version"] = JsonNode.Parse("1e1"));
                data.Add("L024 version beyond int64", role, s => s["version"] = JsonNode.Parse("9223372036854775808"));
                data.Add("L063 expires not a time", role, s => s["expires"] = "tomorrow");
                data.Add("L063 expires a number", role, s => s["expires"] = 1);
            }

            return data;
        }
    }

    public static TheoryData<string, Action<JsonObject>> RootRows => new()
    {
        { "L025 root role null", s => s["roles"]!["root"] = null },
        { "L025 L065 no root role", s => s["roles"]!.AsObject().Remove("root") },
        { "L025 L065 no targets role", s => s["roles"]!.AsObject().Remove("targets") },
        { "L025 L065 no snapshot role", s => s["roles"]!.AsObject().Remove("snapshot") },
        { "L025 L065 no timestamp role", s => s["roles"]!.AsObject().Remove("timestamp") },
        { "L025 another role does not make up for it", s => Rename(s["roles"]!.AsObject(), "timestamp", "extra") },
        { "L025 threshold 0", s => s["roles"]!["targets"]!["threshold"] = 0 },
        { "L025 threshold -1", s => s["roles"]!["root"]!["threshold"] = -1 },
        { "L025 no threshold", s => s["roles"]!["targets"]!.AsObject().Remove("threshold") },
        { "L025 unknown key id", s => s["roles"]!["targets"]!["keyids"]!.AsArray().Add(new string('a', 64)) },
        { "L025 no keys", s => s["keys"] = null },
        { "no roles", s => s.Remove("roles") },
        { "roles a list", s => s["roles"] = new JsonArray() },
        { "L085 public value not base64", s => FirstKey(s)["keyval"]!["public"] = "*" },
        { "public value missing", s => FirstKey(s)["keyval"]!.AsObject().Remove("public") },
        { "keyval null", s => FirstKey(s)["keyval"] = null },
        { "keytype missing", s => FirstKey(s).AsObject().Remove("keytype") },
    };

    public static TheoryData<string, Action<JsonObject>> DelegationRows => new()
    {
        { "L027 threshold 0", d => Role(d)["threshold"] = 0 },
        { "L027 unknown key id", d => Role(d)["keyids"]!.AsArray().Add(new string('a', 64)) },
        { "L027 L068 named root", d => Role(d)["name"] = "root" },
        { "L027 two levels deep", d => Role(d)["name"] = "targets/a/b" },
        { "L027 outside its parent", d => Role(d)["name"] = "other/a" },
        { "L027 the parent itself", d => Role(d)["name"] = "targets" },
        { "no name", d => Role(d).Remove("name") },
        { "a null role", d => d["roles"]!.AsArray().Add(null) },
        { "the same role twice", d => d["roles"]!.AsArray().Add(Role(d).DeepClone()) },
        { "roles an object", d => d["roles"] = new JsonObject() },
        { "paths a text", d => Role(d)["paths"] = "" },
        { "a path that is a number", d => Role(d)["paths"]!.AsArray().Add(1) },
    };

    public static TheoryData<string, string, Action<JsonObject>> MetaRows
    {
        get
        {
            var data = new TheoryData<string, string, Action<JsonObject>>();
            foreach (var (role, entry) in (ReadOnlySpan<(string, string)>)[("snapshot", "root"), ("snapshot", "targets"), ("timestamp", "snapshot")])
            {
                data.Add($"L029 L030 no {entry}", role, m => m.Remove(entry));
                data.Add($"L029 L030 {entry} null", role, m => m[entry] = null);
                data.Add($"L029 L030 {entry} without sha256", role, m => Hashes(m, entry).Remove("sha256"));
                data.Add($"L029 L030 {entry} without hashes", role, m => m[entry]!.AsObject().Remove("hashes"));
                data.Add($"L029 L030 {entry} with a short sha256", role, m => Hashes(m, entry)["sha256"] = Convert.ToBase64String(new byte[31]));
                data.Add($"L029 L030 {entry} with a long sha256", role, m => Hashes(m, entry)["sha256"] = Convert.ToBase64String(new byte[33]));
                data.Add($"L029 L030 {entry} with a short sha512", role, m => Hashes(m, entry)["sha512"] = Convert.ToBase64String(new byte[63]));
                data.Add($"{entry} with hex instead of base64", role, m => Hashes(m, entry)["sha256"] = new string('a', 64));
                data.Add($"{entry} without length", role, m => m[entry]!.AsObject().Remove("length"));
                data.Add($"{entry} with a negative length", role, m => m[entry]!["length"] = -1);
            }

            return data;
        }
    }

    public static TheoryData<string, string> EnvelopeRows => new()
    {
        { "L032 no signed", """{"signatures":[]}""" },
        { "L032 signed null", """{"signed":null,"signatures":[]}""" },
        { "L032 signed a list", """{"signed":[],"signatures":[]}""" },
        { "L032 signed a text", """{"signed":"{}","signatures":[]}""" },
        { "L063 signatures not a list", """{"signed":{},"signatures":{}}""" },
        { "a signature without keyid", """{"signed":{},"signatures":[{"method":"ecdsa","sig":""}]}""" },
        { "a signature without method", """{"signed":{},"signatures":[{"keyid":"a","sig":""}]}""" },
        { "a signature without sig", """{"signed":{},"signatures":[{"keyid":"a","method":"ecdsa"}]}""" },
        { "a signature that is not base64", """{"signed":{},"signatures":[{"keyid":"a","method":"ecdsa","sig":"*"}]}""" },
        { "a null signature", """{"signed":{},"signatures":[null]}""" },
        { "L111 signed twice", """{"signed":{},"signed":{},"signatures":[]}""" },
        { "L111 signatures twice", """{"signed":{},"signatures":[],"signatures":[]}""" },
        { "L112 names in another case", """{"Signed":{},"Signatures":[]}""" },
        { "L063 not JSON", "signed" },
        { "a list", "[]" },
        { "nothing", "" },
    };

    [Theory]
    [MemberData(nameof(CommonRows))]
    public void A_malformed_header_is_refused_in_every_role(string name, string role, Action<JsonObject> change)
    {
        var repository = NewRepository();
        RoleOf(repository, role).Change = change;
        var files = repository.Publish();

        Assert.NotEmpty(name);
        Loading.Fails(RepositoryFault.Malformed, role, () => repository.NewSet().LoadAll(files));
    }

    [Fact]
    public void A_time_with_escapes_is_refused_as_the_Go_client_does()
    {
        var repository = NewRepository();
        repository.Timestamp.Corrupt = f => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(f).Replace("+00:00", "\\u002b00:00", StringComparison.Ordinal));
        var files = repository.Publish();

        Loading.Fails(RepositoryFault.Malformed, "timestamp", () => repository.NewSet().LoadAll(files));
    }

    [Theory]
    [MemberData(nameof(RootRows))]
    public void A_malformed_root_is_refused(string name, Action<JsonObject> change)
    {
        var repository = NewRepository();
        repository.Root.Change = change;
        var files = repository.Publish();

        Assert.NotEmpty(name);
        Loading.Fails(RepositoryFault.Malformed, "root", () => repository.NewSet().LoadAll(files));
    }

    [Theory]
    [MemberData(nameof(DelegationRows))]
    public void A_malformed_delegation_spoils_the_file_that_makes_it(string name, Action<JsonObject> change)
    {
        var repository = NewRepository();
        repository.Targets.Change = s => change(s["delegations"]!.AsObject());
        var files = repository.Publish();

        Assert.NotEmpty(name);
        Loading.Fails(RepositoryFault.Malformed, "targets", () => repository.NewSet().LoadAll(files));
    }

    [Theory]
    [MemberData(nameof(MetaRows))]
    public void A_malformed_entry_spoils_snapshot_and_timestamp(string name, string role, Action<JsonObject> change)
    {
        var repository = NewRepository();
        RoleOf(repository, role).Change = s => change(s["meta"]!.AsObject());
        var files = repository.Publish();

        Assert.NotEmpty(name);
        Loading.Fails(RepositoryFault.Malformed, role, () => repository.NewSet().LoadAll(files));
    }

    [Theory]
    [MemberData(nameof(EnvelopeRows))]
    public void A_malformed_envelope_is_refused(string name, string json)
    {
        Assert.NotEmpty(name);
        Loading.Fails(
            RepositoryFault.Malformed,
            "timestamp",
            () => MetadataFile.Parse(RoleName.Timestamp, Encoding.UTF8.GetBytes(json), MetadataLimits.Default));
    }

    [Fact]
    public void L006_a_key_under_an_id_that_is_not_its_own_is_refused()
    {
        var repository = NewRepository();
        repository.Root.Change = s => Rename(s["keys"]!.AsObject(), repository.Targets.Keys[0].Id, new string('b', 64));
        var files = repository.Publish();

        Loading.Fails(RepositoryFault.InvalidKeyId, "root", () => repository.NewSet().LoadAll(files));
    }

    [Fact]
    public void L006_an_id_in_upper_case_is_not_its_own()
    {
        var repository = NewRepository();
        var id = repository.Targets.Delegations[0].Keys[0].Id;
        repository.Targets.Change = s => Rename(s["delegations"]!["keys"]!.AsObject(), id, id.ToUpperInvariant());
        var files = repository.Publish();

        Loading.Fails(RepositoryFault.InvalidKeyId, "targets", () => repository.NewSet().LoadAll(files));
    }

    [Fact]
    public void Unknown_members_and_missing_lists_say_nothing()
    {
        var repository = NewRepository();
        repository.Root.Change = s =>
        {
            s["spec_version"] = "1.0";
            s["roles"]!["root.1"] = "legacy";
            s.Remove("consistent_snapshot");
        };
        repository.Targets.Change = s =>
        {
            s["delegations"] = null;
            s["targets"] = null;
        };
        repository.Timestamp.Change = s => s["meta"]!["root"] = "whatever";
        repository.ChangeSnapshotMeta = m => m["timestamp"] = m["root"]!.DeepClone();

        var verified = repository.NewSet().LoadAll(repository.Publish());

        Assert.Equal(0, verified.TagCount);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"keys":null,"roles":null}""")]
    [InlineData("""{"keys":{},"roles":[]}""")]
    public void Empty_delegations_are_none(string delegations)
    {
        var repository = NewRepository();
        repository.Targets.Tags["1"] = new string('1', 64);
        repository.Targets.Change = s => s["delegations"] = JsonNode.Parse(delegations);

        Assert.NotNull(repository.NewSet().LoadAll(repository.Publish()).FindTag("1"));
    }

    [Theory]
    [InlineData("root")]
    [InlineData("timestamp")]
    [InlineData("snapshot")]
    [InlineData("targets")]
    public void Missing_or_null_expires_is_expired(string role)
    {
        foreach (var change in (Action<JsonObject>[])[s => s["expires"] = null, s => s.Remove("expires")])
        {
            var repository = NewRepository();
            RoleOf(repository, role).Change = change;
            var files = repository.Publish();

            Loading.Fails(RepositoryFault.Expired, role, () => repository.NewSet().LoadAll(files));
        }
    }

    private static TestRepository NewRepository()
    {
        var repository = new TestRepository();
        repository.Delegate("targets/releases");
        return repository;
    }

    private static TestRole RoleOf(TestRepository repository, string role) => role switch
    {
        "root" => repository.Root,
        "timestamp" => repository.Timestamp,
        "snapshot" => repository.Snapshot,
        "targets" => repository.Targets,
        _ => repository.Targets.Delegations.Single(d => d.Name == role),
    };

    private static JsonNode FirstKey(JsonObject root) => root["keys"]!.AsObject().First().Value!;

    private static JsonObject Role(JsonObject delegations) => delegations["roles"]![0]!.AsObject();

    private static JsonObject Hashes(JsonObject meta, string entry) => meta[entry]!["hashes"]!.AsObject();

    private static void Rename(JsonObject item, string name, string newName)
    {
        var value = item[name]?.DeepClone();
        item.Remove(name);
        item[newName] = value;
    }
}
