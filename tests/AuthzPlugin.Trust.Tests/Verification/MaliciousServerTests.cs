using System.Text;
using System.Text.Json.Nodes;
using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Metadata;
using FsCheck;
using FsCheck.Fluent;

namespace AuthzPlugin.Trust.Tests.Verification;

/// <summary>
/// Lines 63 to 65, 111 and 112 of notary-v1.md 7: a server that holds the timestamp and snapshot keys lists whatever it likes with right
/// hashes.
/// </summary>
public sealed class MaliciousServerTests
{
    private static readonly string Good = new('1', 64);

    private static readonly string EvilTags =
        "{\"evil\":{\"hashes\":{\"sha256\":\"" + Convert.ToBase64String(new byte[32]) + "\"},\"length\":1}}";

    private static readonly TestRepository Fixed = NewRepository();
    private static readonly PublishedMetadata FixedFiles = Fixed.Publish();
    private static readonly string[] Roles = ["root", "timestamp", "snapshot", "targets", "targets/releases"];

    public static TheoryData<string, string, Func<byte[], byte[]>> Rows
    {
        get
        {
            var data = new TheoryData<string, string, Func<byte[], byte[]>>();
            foreach (var role in Roles)
            {
                data.Add("L063 invalid JSON", role, file => file[..^1]);
                data.Add("L063 signatures not a list", role, file => Edit(file, e => e["signatures"] = new JsonObject()));
                data.Add("L063 signatures removed", role, file => Edit(file, e => e["signatures"] = new JsonArray()));
                data.Add("L063 signatures null", role, file => Edit(file, e => e["signatures"] = null));
                data.Add("L063 the signature of something else", role, file => Edit(file, e => e["signed"]!["version"] = 7));
                data.Add("L032 signed removed", role, file => Edit(file, e => e.Remove("signed")));
                data.Add("a file of another role", role, _ => FixedFiles[role == "targets" ? "snapshot" : "targets"]);
                data.Add("L111 a duplicate in signed", role, file => InsertFirst(file, "\"version\":9,"));
                data.Add("L111 a duplicate of another spelling", role, file => InsertFirst(file, "\"\\u0076ersion\":9,"));
                data.Add("an empty file", role, _ => []);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Whatever_is_wrong_with_a_file_that_its_parents_list_the_load_fails(string name, string role, Func<byte[], byte[]> damage)
    {
        Assert.NotEmpty(name);
        var repository = NewRepository();
        SignatureThresholdTests.RoleOf(repository, role).Corrupt = damage;
        var files = repository.Publish();

        var exception = Assert.Throws<RepositoryException>(() => repository.NewSet().LoadAll(files));

        Assert.Equal(role, exception.Role);
        Assert.Contains(
            exception.Fault, (RepositoryFault[])[RepositoryFault.Malformed, RepositoryFault.Unsigned, RepositoryFault.SignatureThreshold]);
    }

    [Fact]
    public void L111_evil_targets_before_or_after_the_good_ones_are_never_merged()
    {
        foreach (var (from, to) in (ReadOnlySpan<(string, string)>)
            [("\"targets\":{", $"\"targets\":{EvilTags},\"targets\":{{"), ("\"version\":", $"\"targets\":{EvilTags},\"version\":")])
        {
            var repository = NewRepository();
            repository.Targets.Corrupt = file => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(file).Replace(from, to, StringComparison.Ordinal));
            var files = repository.Publish();

            Loading.Fails(RepositoryFault.Malformed, "targets", () => repository.NewSet().LoadAll(files));
        }
    }

    [Theory]
    [InlineData("TARGETS")]
    [InlineData("Targets")]
    [InlineData("tar\u0261ets")]
    public void L112_members_that_fold_onto_a_field_are_unknown_members(string name)
    {
        var repository = NewRepository();
        repository.Targets.Change = s => s[name] = JsonNode.Parse(EvilTags);

        var verified = repository.Verify();

        Assert.Null(verified.FindTag("evil"));
        Assert.NotNull(verified.FindTag("1"));
    }

    /// <summary>Raw files are pinned by hashes except root and timestamp, so for these two the signature alone decides.</summary>
    [Theory]
    [InlineData("root")]
    [InlineData("timestamp")]
    public void A_changed_byte_is_refused_or_changes_nothing(string role)
    {
        var file = FixedFiles[role];
        var changes = Gen.Choose(0, file.Length - 1).Zip(Gen.Choose(0, 255), (at, value) => (At: at, Value: value));

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(400), Prop.ForAll(Arb.From(changes), change =>
        {
            var damaged = (byte[])file.Clone();
            damaged[change.At] = (byte)change.Value;
            return IsRefused(role, damaged) || SignedPart(damaged).AsSpan().SequenceEqual(SignedPart(file));
        }));
    }

    [Theory]
    [InlineData("snapshot")]
    [InlineData("targets")]
    [InlineData("targets/releases")]
    public void A_changed_byte_of_a_listed_file_is_refused(string role)
    {
        var file = FixedFiles[role];
        for (var i = 0; i < file.Length; i += 13)
        {
            var damaged = (byte[])file.Clone();
            damaged[i] ^= 1;
            Assert.True(IsRefused(role, damaged), $"byte {i}");
        }
    }

    [Theory]
    [InlineData("root", 1)]
    [InlineData("timestamp", 1)]
    public void L113_a_file_above_the_limit_of_its_role_is_refused(string role, int excess)
    {
        var limits = new MetadataLimits { RootBytes = FixedFiles["root"].Length, TimestampBytes = FixedFiles["timestamp"].Length };

        Assert.NotNull(Fixed.NewSet(limits: limits).LoadAll(FixedFiles));
        var larger = Replaced(role, [.. FixedFiles[role], .. Enumerable.Repeat((byte)' ', excess)]);
        Loading.Fails(RepositoryFault.TooLarge, role, () => Fixed.NewSet(limits: limits).LoadAll(larger));
    }

    [Theory]
    [InlineData("tags", "targets")]
    [InlineData("entries", "snapshot")]
    [InlineData("keys", "root")]
    [InlineData("signatures", "root")]
    [InlineData("key bytes", "root")]
    [InlineData("certificates", "root")]
    [InlineData("values", "root")]
    [InlineData("depth", "root")]
    public void L113_every_count_is_bounded(string what, string role)
    {
        var limits = what switch
        {
            "tags" => new MetadataLimits { TargetsPerFile = 1 },
            "entries" => new MetadataLimits { SnapshotEntries = 2 },
            "keys" => new MetadataLimits { KeysPerFile = 3 },
            "signatures" => new MetadataLimits { SignaturesPerFile = 0 },
            "key bytes" => new MetadataLimits { KeyBytes = 64 },
            "certificates" => new MetadataLimits { CertificatesPerKey = 0 },
            "values" => new MetadataLimits { JsonTokens = 20 },
            _ => new MetadataLimits { JsonDepth = 3 },
        };

        var fault = what == "certificates" ? RepositoryFault.RootCertificate : RepositoryFault.Malformed;
        Loading.Fails(fault, role, () => Fixed.NewSet(limits: limits).LoadAll(FixedFiles));
    }

    private static bool IsRefused(string role, byte[] file)
    {
        try
        {
            Fixed.NewSet().LoadAll(Replaced(role, file));
            return false;
        }
        catch (RepositoryException)
        {
            return true;
        }
    }

    private static byte[] SignedPart(byte[] file) =>
        MetadataFile.Parse(RoleName.Targets, file, MetadataLimits.Default).SignedBytes.ToArray();

    private static PublishedMetadata Replaced(string role, byte[] file) =>
        FixedFiles with { Files = new Dictionary<string, byte[]>(FixedFiles.Files, StringComparer.Ordinal) { [role] = file } };

    private static byte[] Edit(byte[] file, Action<JsonObject> edit)
    {
        var envelope = JsonNode.Parse(file)!.AsObject();
        edit(envelope);
        return MetadataWriter.Canonical(envelope);
    }

    private static byte[] InsertFirst(byte[] file, string member) =>
        Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(file).Replace("\"signed\":{", "\"signed\":{" + member, StringComparison.Ordinal));

    private static TestRepository NewRepository()
    {
        var repository = new TestRepository();
        repository.Targets.Tags["1"] = Good;
        repository.Targets.Tags["2"] = Good;
        repository.Delegate("targets/releases").Tags["3"] = Good;
        return repository;
    }
}
