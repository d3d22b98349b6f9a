using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Metadata;

namespace AuthzPlugin.Trust.Tests.Verification;

/// <summary>Lines 10, 81, 98 and 110 of notary-v1.md 7: freshness, and what allowing expired data allows.</summary>
public sealed class ExpiryTests
{
    private static readonly string[] AllRoles = ["root", "timestamp", "snapshot", "targets", "targets/releases"];

    [Theory]
    [InlineData("root")]
    [InlineData("timestamp")]
    [InlineData("snapshot")]
    [InlineData("targets")]
    [InlineData("targets/releases")]
    public void L010_a_role_is_good_until_the_moment_it_expires(string role)
    {
        var repository = NewRepository();
        SignatureThresholdTests.RoleOf(repository, role).Expires = repository.Now;
        var files = repository.Publish();

        Assert.NotNull(repository.NewSet().LoadAll(files));
        var later = repository.NewSet(now: repository.Now.AddTicks(1));
        Loading.Fails(RepositoryFault.Expired, role, () => later.LoadAll(files));
    }

    [Fact]
    public void L110_allowed_expired_roles_are_named()
    {
        var repository = NewRepository();
        repository.Timestamp.Expires = repository.Now.AddDays(-1);
        repository.Targets.Delegations[0].Expires = repository.Now.AddDays(-2);
        var files = repository.Publish();

        var verified = repository.NewSet(allowExpired: true).LoadAll(files);

        Assert.Equal([RoleName.Timestamp, RoleName.Releases], verified.ExpiredRoles);
        Assert.Equal(repository.Now.AddDays(-2), verified.EarliestExpiry);
    }

    [Fact]
    public void L110_every_role_may_be_expired_when_that_is_allowed()
    {
        var repository = NewRepository();
        foreach (var role in AllRoles)
        {
            SignatureThresholdTests.RoleOf(repository, role).Expires = repository.Now.AddDays(-1);
        }

        var verified = repository.NewSet(allowExpired: true).LoadAll(repository.Publish());

        Assert.Equal(AllRoles, verified.ExpiredRoles.Select(r => r.Text));
    }

    [Fact]
    public void Allowing_expired_metadata_waives_nothing_else()
    {
        var repository = NewRepository();
        repository.Timestamp.SignWith = [TestKey.Ecdsa()];
        var files = repository.Publish();

        Loading.Fails(RepositoryFault.SignatureThreshold, "timestamp", () => repository.NewSet(allowExpired: true).LoadAll(files));
    }

    [Fact]
    public void L098_an_expired_root_certificate_is_never_allowed()
    {
        var repository = NewRepository();
        repository.Root.Keys =
        [
            TestKey.Certificate(new TestCertificate { CommonName = repository.Repository.Name, NotAfter = repository.Now.AddDays(-1) }),
        ];
        var files = repository.Publish();

        foreach (var allowExpired in (bool[])[false, true])
        {
            var set = repository.NewSet(allowExpired: allowExpired);
            Loading.Fails(RepositoryFault.RootCertificate, "root", () => set.LoadAll(files));
        }
    }

    [Fact]
    public void The_earliest_expiry_is_that_of_the_first_file_or_root_certificate_to_expire()
    {
        var repository = NewRepository();
        Assert.Equal(repository.Timestamp.Expires, repository.Verify().EarliestExpiry);

        repository.Targets.Delegations[0].Expires = repository.Now.AddDays(3);
        Assert.Equal(repository.Now.AddDays(3), repository.Verify().EarliestExpiry);

        var certificate = new TestCertificate { CommonName = repository.Repository.Name, NotAfter = repository.Now.AddDays(2) };
        var other = NewRepository();
        other.Root.Keys = [TestKey.Certificate(certificate)];
        Assert.Equal(repository.Now.AddDays(2), other.Verify().EarliestExpiry);
        Assert.Empty(other.Verify().ExpiredRoles);
    }

    private static TestRepository NewRepository()
    {
        var repository = new TestRepository();
        repository.Delegate("targets/releases");
        return repository;
    }
}
