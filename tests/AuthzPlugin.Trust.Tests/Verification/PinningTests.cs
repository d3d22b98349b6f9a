using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Pinning;

namespace AuthzPlugin.Trust.Tests.Verification;

/// <summary>Lines 84, 85, 89 to 93 and 100 of notary-v1.md 7: who may speak for a repository. Trust on first use does not exist.</summary>
public sealed class PinningTests
{
    private static readonly TestRepository Repository = new();
    private static readonly TestKey Key = Repository.Root.Keys[0];
    private static readonly TestKey Other = TestKey.Certificate(Repository.Repository.Name);
    private static readonly string Bogus = new('0', 64);

    public static TheoryData<string, PinKind, string[], bool> Rows => new()
    {
        { "L090 the certificate id", PinKind.CertIds, [Key.Id], true },
        { "L090 with a bogus id beside it", PinKind.CertIds, [Bogus, Key.Id], true },
        { "L091 another certificate id", PinKind.CertIds, [Other.Id], false },
        { "L091 an empty id", PinKind.CertIds, [""], false },
        { "L091 no id", PinKind.CertIds, [], false },
        { "L091 the id of the targets key", PinKind.CertIds, [Repository.Targets.Keys[0].Id], false },
        { "the canonical id as a certificate id", PinKind.CertIds, [Key.CanonicalId], false },
        { "the canonical id", PinKind.RootKeys, [Key.CanonicalId], true },
        { "the canonical id with a bogus one", PinKind.RootKeys, [Bogus, Key.CanonicalId], true },
        { "the certificate id as a canonical id", PinKind.RootKeys, [Key.Id], false },
        { "another canonical id", PinKind.RootKeys, [Other.CanonicalId], false },
        { "no canonical id", PinKind.RootKeys, [], false },
        { "an id in upper case", PinKind.RootKeys, [Key.CanonicalId.ToUpperInvariant()], false },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Only_a_pinned_key_speaks(string name, PinKind kind, string[] ids, bool accepted)
    {
        var files = Repository.Publish();
        var set = Repository.NewSet(Repository.PinOf(kind, ids));

        if (accepted)
        {
            Assert.Equal([Key.CanonicalId], set.LoadAll(files).RootKeyIds);
        }
        else
        {
            // L100: the very first root, wherever it comes from, a cache included.
            var exception = Loading.Fails(RepositoryFault.PinMismatch, "root", () => set.LoadRoot(files["root"]));
            Assert.Contains(Key.CanonicalId, exception.Message, StringComparison.Ordinal);
            Assert.NotEmpty(name);
        }
    }

    [Fact]
    public void L093_the_id_of_a_bundle_covers_its_intermediates()
    {
        var ca = new TestCertificate { CommonName = "ca", IsCa = true };
        var leaf = new TestCertificate { CommonName = Repository.Repository.Name };
        var bundled = TestKey.Certificate(leaf with { Intermediates = [ca] });
        var repository = new TestRepository { Root = { Keys = [bundled] } };
        var files = repository.Publish();

        Assert.NotNull(repository.NewSet(repository.PinOf(PinKind.CertIds, bundled.Id)).LoadAll(files));
        var leafId = TestKey.IdOf("ecdsa-x509", System.Text.Encoding.ASCII.GetBytes(TestCertificate.ToPem(leaf.ToDer())));
        Loading.Fails(
            RepositoryFault.PinMismatch, "root", () => repository.NewSet(repository.PinOf(PinKind.CertIds, leafId)).LoadRoot(files["root"]));
    }

    [Fact]
    public void L084_good_metadata_of_another_repository_is_refused()
    {
        var other = new TestRepository("registry.example.com/team/other");
        var files = other.Publish();

        Loading.Fails(RepositoryFault.RootCertificate, "root", () => Repository.NewSet(other.Pin()).LoadRoot(files["root"]));
    }

    [Fact]
    public void L085_an_unusable_key_beside_a_good_one_is_passed_over()
    {
        var repository = new TestRepository();
        var good = repository.Root.Keys[0];
        repository.Root.Keys =
        [
            new CertificateTestKey(System.Security.Cryptography.ECDsa.Create(), "garbage"),
            TestKey.Certificate("registry.example.com/other"),
            TestKey.Ecdsa(),
            good,
        ];
        var pin = repository.PinOf(PinKind.RootKeys, good.CanonicalId);

        Assert.Equal([good.CanonicalId], repository.NewSet(pin).LoadAll(repository.Publish()).RootKeyIds);
    }

    [Fact]
    public void A_root_of_plain_keys_is_refused()
    {
        var repository = new TestRepository { Root = { Keys = [TestKey.Ecdsa()] } };
        var files = repository.Publish();

        Loading.Fails(RepositoryFault.RootCertificate, "root", () => repository.NewSet().LoadRoot(files["root"]));
    }

    [Fact]
    public void A_pinned_key_that_is_listed_but_did_not_sign_does_not_vouch_for_a_stranger()
    {
        var repository = new TestRepository();
        var stranger = TestKey.Certificate(repository.Repository.Name);
        var pin = repository.Pin();
        repository.Root.Keys.Add(stranger);
        repository.Root.SignWith = [stranger];
        var files = repository.Publish();

        Loading.Fails(RepositoryFault.PinMismatch, "root", () => repository.NewSet(pin).LoadRoot(files["root"]));
    }

    [Fact]
    public void A_pinned_key_that_is_listed_twice_needs_both_when_two_are_needed()
    {
        var repository = new TestRepository();
        var second = TestKey.Certificate(repository.Repository.Name);
        repository.Root.Keys.Add(second);
        repository.Root.Threshold = 2;
        var files = repository.Publish();

        Loading.Fails(
            RepositoryFault.PinMismatch,
            "root",
            () => repository.NewSet(repository.PinOf(PinKind.RootKeys, second.CanonicalId)).LoadRoot(files["root"]));
        Assert.Equal(2, repository.NewSet().LoadAll(files).RootKeyIds.Count);
    }

    [Fact]
    public void Messages_name_the_pattern_of_the_pin()
    {
        var files = Repository.Publish();
        var pin = Repository.PinOf(PinKind.RootKeys, Bogus) with { Pattern = "registry.example.com/*" };

        var exception = Loading.Fails(RepositoryFault.PinMismatch, "root", () => Repository.NewSet(pin).LoadRoot(files["root"]));

        Assert.StartsWith(
            "the root of registry.example.com/team/app is not signed by a key that the pin registry.example.com/* names: its root key is ",
            exception.Message,
            StringComparison.Ordinal);
    }
}
