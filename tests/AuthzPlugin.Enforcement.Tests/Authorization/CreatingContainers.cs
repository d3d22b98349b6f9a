using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Testing.Engine;
using AuthzPlugin.Trust.Errors;
using static AuthzPlugin.Enforcement.Tests.Authorization.AuthorizationBench;

namespace AuthzPlugin.Enforcement.Tests.Authorization;

public sealed class CreatingContainers : IDisposable
{
    private readonly AuthorizationBench _bench = new();

    [Fact]
    public async Task A_tag_that_was_signed_a_moment_ago_is_not_refused_on_data_from_before()
    {
        _bench.Trust.Remembers = true;
        _bench.PullSigned("1", 'd', '1');
        Assert.True((await _bench.AskAsync(Create(Repository + ":1"))).Allow);

        _bench.PullSigned("2", 'e', '2');
        Assert.True((await _bench.AskAsync(Create(Repository + ":2"))).Allow);
        _bench.PullSigned("1", 'f', '3');
        Assert.True((await _bench.AskAsync(Create(Repository + ":1"))).Allow);
        Assert.True((await _bench.AskAsync(Pull($"fromImage={Repository}&tag=1"))).Allow);

        Assert.False((await _bench.AskAsync(Create(Repository + ":3"))).Allow);
    }

    [Fact]
    public async Task What_is_signed_is_allowed_without_asking_the_server_twice()
    {
        _bench.Trust.Remembers = true;
        _bench.PullSigned("1", 'd', '1');
        await _bench.AskAsync(Create(Repository + ":1"));
        _bench.Trust[Repository].Tags.Clear();
        Assert.True((await _bench.AskAsync(Create(Repository + ":1"))).Allow);
    }

    [Theory]
    [InlineData("by tag", Repository + ":1")]
    [InlineData("by tag and digest", Repository + ":1@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd")]
    [InlineData("by digest", Repository + "@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd")]
    [InlineData("by full image id", "sha256:1111111111111111111111111111111111111111111111111111111111111111")]
    [InlineData("by bare full image id", "1111111111111111111111111111111111111111111111111111111111111111")]
    [InlineData("by short image id", "111111111111")]
    public async Task A_signed_local_image_is_allowed(string row, string image)
    {
        _bench.PullSigned("1", 'd', '1');
        var answer = await _bench.AskAsync(Create(image));
        Assert.True(answer.Allow, row + ": " + answer.Message);
        Assert.Equal("signed", _bench.LastReason());
    }

    [Theory]
    [InlineData("no pin", "registry.example.com/other/app:1", "not-pinned", "no root key is pinned for registry.example.com/other/app; add it to trust-pinning.root-keys in daemon.json")]
    [InlineData("unsigned tag", Repository + ":9", "not-signed", Repository + ":9 is not signed: its trust data has no tag 9; sign it with docker trust sign " + Repository + ":9")]
    [InlineData("default tag", Repository, "not-signed", Repository + ":latest is not signed")]
    [InlineData("other digest with tag", Repository + ":1@sha256:eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee", "digest-mismatch", "asks for another digest")]
    [InlineData("unsigned digest", Repository + "@sha256:eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee", "not-signed", "no present tag of")]
    [InlineData("unknown id", "sha256:9999999999999999999999999999999999999999999999999999999999999999", "local-image-unknown", "is an image id that is not on this host")]
    [InlineData("unknown short id", "999999999999", "not-pinned", "docker.io/library/999999999999")]
    [InlineData("empty", "", "bad-reference", "")]
    [InlineData("upper case", "registry.example.com/Team/app:1", "bad-reference", "")]
    [InlineData("no trust data", "registry.example.com/team/none:1", "no-trust-data", "has no trust data")]
    public async Task What_is_not_signed_is_refused_with_the_next_step(string row, string image, string reason, string message)
    {
        _bench.PullSigned("1", 'd', '1');
        var answer = await _bench.AskAsync(Create(image));
        Assert.False(answer.Allow, row);
        Assert.Equal(reason, _bench.LastReason());
        Assert.Contains(message, answer.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', answer.Message);
        Assert.Equal("refused", _bench.Records()[^1].GetProperty("outcome").GetString());
    }

    [Theory]
    [InlineData("26.1.5", "tag-unsafe-here")]
    [InlineData("28.5.2", "signed")]
    public async Task A_short_id_is_no_name_for_an_engine_that_resolves_it_twice(string version, string reason)
    {
        _bench.Trust[Repository].Tags["1"] = DigestOf('d');
        var image = new SimulatedImage(DigestOf('d').ToString(), []);
        _bench.Engine.Images[image.Id] = image;
        _bench.Engine.Tags[Repository + ":1"] = image.Id;
        (_bench.Engine.Containerd, _bench.Engine.Version) = (true, version);
        await _bench.AskAsync(Create("dddddddddddd"));
        Assert.Equal(reason, _bench.LastReason());
    }

    [Fact]
    public async Task A_tag_only_in_another_role_names_the_role()
    {
        _bench.Trust[Repository].OtherRoles["qa"] = "targets/qa";
        var answer = await _bench.AskAsync(Create(Repository + ":qa"));
        Assert.False(answer.Allow);
        Assert.Contains("only in targets/qa", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signed_image_that_is_not_here_is_allowed_so_that_the_client_pulls()
    {
        _bench.Trust[Repository].Tags["1"] = DigestOf('d');
        Assert.True((await _bench.AskAsync(Create(Repository + ":1"))).Allow);
    }

    [Fact]
    public async Task An_unsigned_image_retagged_onto_the_signed_name_is_refused()
    {
        _bench.PullSigned("1", 'd', '1');
        _bench.Build(Repository + ":1", '6');
        var answer = await _bench.AskAsync(Create(Repository + ":1"));
        Assert.False(answer.Allow);
        Assert.Equal("local-image-unknown", _bench.LastReason());
        Assert.EndsWith($"; run docker pull {Repository}:1", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_pulled_image_under_the_signed_name_is_refused_with_both_digests()
    {
        var other = _bench.PullSigned("old", 'e', '2');
        _bench.PullSigned("1", 'd', '1');
        _bench.Engine.Tags[Repository + ":1"] = other.Id;
        var answer = await _bench.AskAsync(Create(Repository + ":1"));
        Assert.False(answer.Allow);
        Assert.Equal("local-image-differs", _bench.LastReason());
        Assert.Contains(DigestOf('d').ToString(), answer.Message, StringComparison.Ordinal);
        Assert.Contains(DigestOf('e').ToString(), answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repo_digest_of_another_repository_proves_nothing()
    {
        _bench.PullSigned("1", 'd', '1');
        var id = DigestOf('6').ToString();
        _bench.Engine.Images[id] = new SimulatedImage(id, [$"registry.example.com/elsewhere/app@{DigestOf('d')}"]);
        _bench.Engine.Tags[Repository + ":1"] = id;
        Assert.False((await _bench.AskAsync(Create(Repository + ":1"))).Allow);
    }

    [Fact]
    public async Task With_the_containerd_store_forged_repo_digests_prove_nothing()
    {
        _bench.Engine.Containerd = true;
        _bench.Trust[Repository].Tags["1"] = DigestOf('d');
        var evil = new SimulatedImage(DigestOf('6').ToString(), [$"{Repository}@{DigestOf('d')}"]);
        _bench.Engine.Images[evil.Id] = evil;
        _bench.Engine.Tags[Repository + ":1"] = evil.Id;
        Assert.False((await _bench.AskAsync(Create(Repository + ":1"))).Allow);
        Assert.False((await _bench.AskAsync(Create(evil.Id))).Allow);
    }

    [Fact]
    public async Task With_the_containerd_store_the_id_is_the_signed_digest()
    {
        _bench.Engine.Containerd = true;
        _bench.Trust[Repository].Tags["1"] = DigestOf('d');
        _bench.Engine.Images[DigestOf('d').ToString()] = new SimulatedImage(DigestOf('d').ToString(), []);
        _bench.Engine.Tags[Repository + ":1"] = DigestOf('d').ToString();
        Assert.True((await _bench.AskAsync(Create(Repository + ":1"))).Allow);
        Assert.True((await _bench.AskAsync(Create(DigestOf('d').ToString()))).Allow);
    }

    [Fact]
    public async Task A_verified_image_is_known_again_after_its_repo_digest_is_gone()
    {
        var image = _bench.PullSigned("1", 'd', '1');
        Assert.True((await _bench.AskAsync(Create(Repository + ":1"))).Allow);
        _bench.Engine.Images[image.Id] = image with { RepoDigests = [] };
        Assert.True((await _bench.AskAsync(Create(Repository + ":1"))).Allow);
        Assert.True((await _bench.AskAsync(Create(image.Id))).Allow);
    }

    [Fact]
    public async Task A_created_container_of_the_decided_image_is_approved()
    {
        var image = _bench.PullSigned("1", 'd', '1');
        var container = new SimulatedContainer { Id = new string('c', 64), Name = "web", ImageId = image.Id };
        var (_, response) = await _bench.CreateAsync(Repository + ":1", container);
        Assert.True(response!.Allow);
        var approval = _bench.Approvals.Find(container.Id);
        Assert.Equal(DigestOf('d').ToString(), approval!.SignedDigest);
        Assert.Equal([RootKey], approval.RootKeyIds);
    }

    [Fact]
    public async Task A_tag_moved_between_decision_and_creation_removes_the_container()
    {
        _bench.PullSigned("1", 'd', '1');
        var evil = _bench.Build("evil:1", '6');
        var container = new SimulatedContainer { Id = new string('c', 64), Name = "web", ImageId = evil.Id };
        var (request, response) = await _bench.CreateAsync(Repository + ":1", container);
        Assert.True(request.Allow);
        Assert.False(response!.Allow);
        Assert.Equal("swapped", _bench.LastReason());
        Assert.Null(_bench.Approvals.Find(container.Id));
        Assert.Empty(_bench.Engine.Containers);
    }

    [Fact]
    public async Task A_failed_create_leaves_nothing_behind()
    {
        _bench.PullSigned("1", 'd', '1');
        var request = Create(Repository + ":1");
        await _bench.AskAsync(request);
        Assert.True((await _bench.ReportAsync(request, 409, """{"message":"name in use"}""")).Allow);
        Assert.Equal(0, _bench.Approvals.Count);
    }

    [Fact]
    public async Task A_full_store_of_approvals_refuses_new_containers()
    {
        using var bench = new AuthorizationBench(maxApprovals: 1);
        var image = bench.PullSigned("1", 'd', '1');
        await bench.CreateAsync(Repository + ":1", new SimulatedContainer { Id = new string('c', 64), Name = "a", ImageId = image.Id });
        var answer = await bench.AskAsync(Create(Repository + ":1"));
        Assert.False(answer.Allow);
        Assert.Equal("approval-store-full", bench.LastReason());
    }

    [Theory]
    [InlineData("trust server down", "trust-server-unreachable")]
    [InlineData("login needed", "login-needed")]
    [InlineData("timed out", "timed-out")]
    public async Task Evidence_that_cannot_be_had_is_undecided_and_denied(string row, string reason)
    {
        _bench.Trust[Repository].Error = row switch
        {
            "login needed" => new TransportException(TransportFault.LoginNeeded, "the trust server asks for a login"),
            "timed out" => new TransportException(TransportFault.TimedOut, "the trust server did not answer in 3 s"),
            _ => new TransportException(TransportFault.Unreachable, "the trust server refused the connection"),
        };
        var answer = await _bench.AskAsync(Create(Repository + ":1"));
        Assert.False(answer.Allow);
        Assert.Equal(reason, _bench.LastReason());
        Assert.Equal("undecided", _bench.Records()[^1].GetProperty("outcome").GetString());
    }

    [Theory]
    [InlineData(RepositoryFault.PinMismatch, "wrong-root-key")]
    [InlineData(RepositoryFault.RootCertificate, "root-certificate")]
    [InlineData(RepositoryFault.RootRotation, "root-rotation")]
    [InlineData(RepositoryFault.Expired, "expired")]
    [InlineData(RepositoryFault.Rollback, "rolled-back")]
    [InlineData(RepositoryFault.SignatureThreshold, "bad-signature")]
    [InlineData(RepositoryFault.Unsigned, "bad-signature")]
    [InlineData(RepositoryFault.ChecksumMismatch, "inconsistent")]
    [InlineData(RepositoryFault.MissingMetadata, "inconsistent")]
    [InlineData(RepositoryFault.InvalidKeyId, "inconsistent")]
    [InlineData(RepositoryFault.Malformed, "malformed")]
    [InlineData(RepositoryFault.TooLarge, "malformed")]
    [InlineData(RepositoryFault.NotFound, "no-trust-data")]
    public async Task Bad_trust_data_is_refused_with_its_own_reason(RepositoryFault fault, string reason)
    {
        _bench.Trust[Repository].Error = new RepositoryException(fault, "it is bad", "root");
        Assert.False((await _bench.AskAsync(Create(Repository + ":1"))).Allow);
        Assert.Equal(reason, _bench.LastReason());
    }

    [Fact]
    public async Task A_decision_that_takes_too_long_is_denied_in_time()
    {
        _bench.Trust[Repository].Tags["1"] = DigestOf('d');
        _bench.Trust.Delay = cancellation => Task.Delay(TimeSpan.FromMinutes(1), cancellation);
        var answer = await _bench.AskAsync(Create(Repository + ":1")).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.False(answer.Allow);
        Assert.Equal("timed-out", _bench.LastReason());
    }

    [Fact]
    public async Task An_engine_that_does_not_answer_is_undecided()
    {
        _bench.Trust[Repository].Tags["1"] = DigestOf('d');
        _bench.Engine.Interfere = _ => throw new HttpRequestException("refused");
        Assert.False((await _bench.AskAsync(Create(Repository + ":1"))).Allow);
        Assert.Equal("engine-unreachable", _bench.LastReason());
    }

    [Fact]
    public async Task A_fault_of_this_program_is_denied_and_recorded()
    {
        _bench.Trust[Repository].Tags["1"] = DigestOf('d');
        _bench.Engine.Interfere = _ => throw new NotSupportedException("a bug");
        var answer = await _bench.AskAsync(Create(Repository + ":1"));
        Assert.False(answer.Allow);
        Assert.Equal("internal-error", _bench.LastReason());
        Assert.DoesNotContain("a bug", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Permissive_lets_everything_pass_and_records_what_it_would_deny()
    {
        using var bench = new AuthorizationBench(EnforcementMode.Permissive);
        bench.Build("evil:1", '6');
        Assert.True((await bench.AskAsync(Create("evil:1"))).Allow);
        var record = bench.Records()[^1];
        Assert.Equal("would-deny", record.GetProperty("answer").GetString());
        Assert.Equal("refused", record.GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Disabled_asks_nothing()
    {
        using var bench = new AuthorizationBench(EnforcementMode.Disabled);
        Assert.True((await bench.AskAsync(Create("evil:1"))).Allow);
        Assert.Empty(bench.Records());
        Assert.Empty(bench.Engine.Calls);
    }

    public void Dispose() => _bench.Dispose();
}
