using System.Text.Json.Nodes;
using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Trust.Tests.Verification;

/// <summary>Lines 1 to 10, 20, 21 and 26 of notary-v1.md 7.</summary>
public sealed class SignatureThresholdTests
{
    private static readonly TestKey A = TestKey.Ecdsa();
    private static readonly TestKey B = TestKey.Ed25519();
    private static readonly TestKey Unknown = TestKey.Ecdsa();

    private static readonly string[] OnlineRoles = ["timestamp", "snapshot", "targets"];

    /// <summary>Name, keys of the role, threshold, signers, fault or null.</summary>
    public static TheoryData<string, TestKey[], int, TestKey[], RepositoryFault?> Rows => new()
    {
        { "L001 the role has no keys", [], 1, [A], RepositoryFault.SignatureThreshold },
        { "L002 one of two", [A, B], 2, [A], RepositoryFault.SignatureThreshold },
        { "L003 no signatures", [A], 1, [], RepositoryFault.Unsigned },
        { "L004 exactly the threshold", [A, B], 2, [A, B], null },
        { "L005 more than enough", [A, B], 1, [A, B], null },
        { "L007 one key twice", [A, B], 2, [A, A], RepositoryFault.SignatureThreshold },
        { "L008 a known and an unknown key, two needed", [A, B], 2, [A, Unknown], RepositoryFault.SignatureThreshold },
        { "L008 a known and an unknown key, one needed", [A, B], 1, [Unknown, A], null },
        { "only an unknown key", [A], 1, [Unknown], RepositoryFault.SignatureThreshold },
        { "a threshold beyond the keys", [A, B], 3, [A, B], RepositoryFault.SignatureThreshold },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Distinct_keys_of_the_role_count(string name, TestKey[] keys, int threshold, TestKey[] signers, RepositoryFault? fault)
    {
        Assert.NotEmpty(name);
        foreach (var role in OnlineRoles)
        {
            var repository = new TestRepository();
            var changed = RoleOf(repository, role);
            (changed.Keys, changed.Threshold, changed.SignWith) = ([.. keys], threshold, [.. signers]);
            var files = repository.Publish();

            Expect(fault, role, () => repository.NewSet().LoadAll(files));
        }
    }

    [Theory]
    [InlineData("L012 a flipped byte", RepositoryFault.SignatureThreshold)]
    [InlineData("L020 an unknown method", RepositoryFault.SignatureThreshold)]
    [InlineData("L021 the method in upper case", null)]
    [InlineData("an empty signature", RepositoryFault.SignatureThreshold)]
    [InlineData("the key id in upper case", RepositoryFault.SignatureThreshold)]
    public void A_bad_signature_is_passed_over(string name, RepositoryFault? fault)
    {
        var repository = new TestRepository();
        repository.Timestamp.Corrupt = file => Damage(name, file);
        var files = repository.Publish();

        Expect(fault, "timestamp", () => repository.NewSet().LoadAll(files));
    }

    [Fact]
    public void A_bad_signature_beside_a_good_one_of_the_same_key_does_no_harm()
    {
        var repository = new TestRepository();
        repository.Timestamp.Corrupt = file =>
        {
            var envelope = JsonNode.Parse(file)!;
            var signatures = envelope["signatures"]!.AsArray();
            var bad = signatures[0]!.DeepClone();
            bad["sig"] = Convert.ToBase64String(new byte[64]);
            signatures.Insert(0, bad);
            return MetadataWriter.Canonical(envelope);
        };

        Assert.NotNull(repository.Verify());
    }

    [Fact]
    public void L026_a_root_role_without_keys_is_refused()
    {
        var repository = new TestRepository();
        repository.Root.Change = s => s["roles"]!["root"]!["keyids"] = new JsonArray();
        var files = repository.Publish();

        Loading.Fails(RepositoryFault.RootCertificate, "root", () => repository.NewSet().LoadAll(files));
    }

    [Theory]
    [InlineData("targets")]
    [InlineData("snapshot")]
    [InlineData("timestamp")]
    public void L065_a_role_whose_keys_were_emptied_is_refused(string role)
    {
        var repository = new TestRepository();
        repository.Root.Change = s => s["roles"]![role]!["keyids"] = null;
        var files = repository.Publish();

        Loading.Fails(RepositoryFault.SignatureThreshold, role, () => repository.NewSet().LoadAll(files));
    }

    [Theory]
    [InlineData("targets", RepositoryFault.SignatureThreshold)]
    [InlineData("snapshot", RepositoryFault.SignatureThreshold)]
    [InlineData("timestamp", RepositoryFault.SignatureThreshold)]
    public void L070_a_key_changed_in_the_root_alone_is_refused(string role, RepositoryFault fault)
    {
        var repository = new TestRepository();
        var changed = RoleOf(repository, role);
        changed.SignWith = [.. changed.Keys];
        changed.Keys = [TestKey.Ecdsa()];
        var files = repository.Publish();

        Loading.Fails(fault, role, () => repository.NewSet().LoadAll(files));
    }

    [Theory]
    [InlineData("root", 4, 5, true)]
    [InlineData("root", 5, 5, false)]
    [InlineData("timestamp", 4, 5, true)]
    [InlineData("timestamp", 5, 5, false)]
    [InlineData("timestamp", 6, 5, false)]
    [InlineData("snapshot", 4, 5, true)]
    [InlineData("snapshot", 5, 5, false)]
    [InlineData("targets", 4, 5, true)]
    [InlineData("targets", 5, 5, false)]
    [InlineData("targets/releases", 4, 5, true)]
    [InlineData("targets/releases", 5, 5, false)]
    [InlineData("targets/other", 4, 5, true)]
    public void L009_L045_L071_a_version_below_one_verified_before_is_rollback(string role, long version, long floor, bool refused)
    {
        var repository = new TestRepository();
        repository.Delegate("targets/releases");
        repository.Delegate("targets/other");
        RoleOf(repository, role).Version = version;
        var files = repository.Publish();
        var set = repository.NewSet(floors: Loading.Floors((role, floor)));

        Expect(refused ? RepositoryFault.Rollback : null, role, () => set.LoadAll(files));
    }

    [Fact]
    public void Messages_say_what_was_expected_and_found()
    {
        var repository = new TestRepository();
        repository.Timestamp.Version = 3;
        var files = repository.Publish();
        var set = repository.NewSet(floors: Loading.Floors(("timestamp", 5)));

        var exception = Loading.Fails(RepositoryFault.Rollback, "timestamp", () => set.LoadAll(files));

        Assert.Equal("timestamp version 3 is lower than 5, verified before", exception.Message);
    }

    internal static TestRole RoleOf(TestRepository repository, string role) => role switch
    {
        "root" => repository.Root,
        "timestamp" => repository.Timestamp,
        "snapshot" => repository.Snapshot,
        "targets" => repository.Targets,
        _ => repository.Targets.Delegations.Single(d => d.Name == role),
    };

    private static void Expect(RepositoryFault? fault, string role, Func<object> load)
    {
        if (fault is { } expected)
        {
            Loading.Fails(expected, role, () => load());
        }
        else
        {
            Assert.NotNull(load());
        }
    }

    private static byte[] Damage(string name, byte[] file)
    {
        var envelope = JsonNode.Parse(file)!;
        var signature = envelope["signatures"]![0]!;
        var value = Convert.FromBase64String(signature["sig"]!.GetValue<string>());
        value[5] ^= 1;
        switch (name.Split(' ', 2)[0])
        {
            case "L012":
                signature["sig"] = Convert.ToBase64String(value);
                break;
            case "L020":
                signature["method"] = "foo";
                break;
            case "L021":
                signature["method"] = "ECDSA";
                break;
            case "an":
                signature["sig"] = "";
                break;
            default:
                signature["keyid"] = signature["keyid"]!.GetValue<string>().ToUpperInvariant();
                break;
        }

        return MetadataWriter.Canonical(envelope);
    }
}
