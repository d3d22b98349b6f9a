using System.Text.Json;
using System.Text.Json.Nodes;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Testing.Engine;
using AuthzPlugin.Testing.Time;
using AuthzPlugin.Trust.Errors;
using static AuthzPlugin.Enforcement.Tests.Authorization.AuthorizationBench;

namespace AuthzPlugin.Enforcement.Tests.Authorization;

/// <summary>What an exception of the policy lets pass, and what it does not (decisions.md, "Exceptions").</summary>
public sealed class Excepting : IDisposable
{
    private const string Legacy = "registry.example.com/legacy/app";

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly ManualTimeProvider _time = new();
    private readonly AuthorizationBench _bench;

    public Excepting() => _bench = new AuthorizationBench(time: _time);

    public void Dispose() => _bench.Dispose();

    private async Task<string> ReasonAsync(AuthZRequest request)
    {
        var answer = await _bench.AskAsync(request);
        Assert.Equal(answer.Allow, Text(Last, "answer") == "allow");
        if (answer.Allow)
        {
            // The engine could not do it: names may move again. The clock stands still, so no budget would free them.
            await _bench.ReportAsync(request, 500);
        }

        return Text(Last, "reason");
    }

    private JsonElement Last => _bench.Records()[^1];

    private static string Text(JsonElement record, string name) => record.GetProperty(name).GetString()!;

    private static SimulatedContainer ContainerOf(SimulatedImage image, string configuredImage = "", char id = 'c') =>
        new() { Id = new string(id, 64), Name = "web", ImageId = image.Id, ConfiguredImage = configuredImage };

    /// <summary>An image with the containerd store: its id is the digest.</summary>
    private SimulatedImage Loaded(string name, char digest, params string[] repoDigests)
    {
        _bench.Engine.Containerd = true;
        var image = new SimulatedImage(DigestOf(digest).ToString(), repoDigests);
        _bench.Engine.Images[image.Id] = image;
        _bench.Engine.Tags[name] = image.Id;
        return image;
    }

    [Fact]
    public async Task A_built_image_runs_by_its_id_until_the_end_and_is_never_called_trusted()
    {
        var built = _bench.Build("built:1", '6');
        _bench.Except(built.Id, _time.GetUtcNow() + Day);
        var container = ContainerOf(built, "built:1");

        var (request, response) = await _bench.CreateAsync("built:1", container);
        Assert.True(request.Allow && response!.Allow, request.Message);
        Assert.Equal("excepted", await ReasonAsync(Start(container.Id)));

        Assert.All(_bench.Records(), r => Assert.Equal(("allow", "excepted", "excepted"), (Text(r, "answer"), Text(r, "outcome"), Text(r, "reason"))));
        Assert.Equal(["request", "response", "request"], _bench.Records().Select(r => Text(r, "phase")));
        Assert.Equal(0, _bench.Approvals.Count);

        _time.Advance(Day);
        Assert.Equal("local-image-unknown", await ReasonAsync(Start(container.Id)));
        Assert.Equal("not-pinned", await ReasonAsync(Create("built:1")));
    }

    [Fact]
    public async Task A_record_has_the_refusal_and_the_exception_that_sets_it_aside()
    {
        var built = _bench.Build("built:1", '6');
        _bench.Except(built.Id, new DateTimeOffset(2026, 7, 1, 0, 0, 0, TimeSpan.Zero));
        await _bench.AskAsync(Create("built:1"));

        Assert.StartsWith("built:1 is not trusted, but excepted until 2026-07-01T00:00:00Z because OPS-1; ", Text(Last, "message"), StringComparison.Ordinal);
        var checks = Last.GetProperty("checks").EnumerateArray().TakeLast(2).Select(c => (Text(c, "check"), Text(c, "result"), Text(c, "detail"))).ToArray();
        Assert.Equal(("refusal", "failed"), (checks[0].Item1, checks[0].Item2));
        Assert.StartsWith("not-pinned: no root key is pinned for docker.io/library/built", checks[0].Item3, StringComparison.Ordinal);
        Assert.Equal(("exception", "passed"), (checks[1].Item1, checks[1].Item2));
        Assert.StartsWith($"{built.Id} until 2026-07-01T00:00:00Z, because OPS-1", checks[1].Item3, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_use_in_a_flood_is_on_record()
    {
        _bench.Except(_bench.Build("built:1", '6').Id);
        for (var i = 0; i < 20; i++)
        {
            await ReasonAsync(Create("built:1"));
        }

        Assert.Equal(20, _bench.Records().Count);
    }

    [Fact]
    public async Task Another_image_under_the_excepted_name_does_not_run()
    {
        _bench.Except(_bench.Build("built:1", '6').Id);
        _bench.Build("built:1", '7');

        Assert.Equal("not-pinned", await ReasonAsync(Create("built:1")));
        Assert.Equal("local-image-unknown", await ReasonAsync(Create(DigestOf('7').ToString())));
        _bench.Container('c', "web", DigestOf('7').ToString(), "built:1");
        Assert.Equal("local-image-unknown", await ReasonAsync(Start("web")));
    }

    [Theory]
    [InlineData("unsigned", false)]
    [InlineData("excepted too, but not what was decided", true)]
    public async Task A_name_that_moves_under_a_create_is_undone(string row, bool alsoExcepted)
    {
        _bench.Except(_bench.Build("built:1", '6').Id);
        var other = _bench.Build("other:1", '7');
        if (alsoExcepted)
        {
            _bench.Except(other.Id);
        }

        var container = ContainerOf(other, "built:1");
        var (request, response) = await _bench.CreateAsync("built:1", container);

        Assert.Equal((row, true, false), (row, request.Allow, response!.Allow));
        Assert.Equal("swapped", _bench.LastReason());
        Assert.Empty(_bench.Engine.Containers);
    }

    [Fact]
    public async Task With_the_classic_store_the_digest_that_the_engine_pulled_an_image_by_counts()
    {
        var image = new SimulatedImage(DigestOf('6').ToString(), [$"{Legacy}@{DigestOf('f')}"]);
        _bench.Engine.Images[image.Id] = image;
        _bench.Engine.Tags["any:1"] = image.Id;
        _bench.Except(DigestOf('f').ToString());

        var (request, response) = await _bench.CreateAsync("any:1", ContainerOf(image, "any:1"));

        Assert.True(request.Allow && response!.Allow, request.Message);
        Assert.Equal("excepted", await ReasonAsync(Start("web")));
        Assert.Empty(_bench.Verified.RepositoriesOf(DigestOf('6')));
    }

    [Fact]
    public async Task With_the_containerd_store_only_the_id_counts_since_load_forges_the_rest()
    {
        _bench.Except(DigestOf('f').ToString());
        var forged = Loaded("evil:1", '6', $"{Legacy}@{DigestOf('f')}", $"evil@{DigestOf('f')}");

        Assert.Equal("not-pinned", await ReasonAsync(Create("evil:1")));
        Assert.Equal("not-pinned", await ReasonAsync(Create($"{Legacy}@{DigestOf('f')}")));
        Assert.Equal("local-image-unknown", await ReasonAsync(Create(forged.Id)));
        _bench.Container('c', "web", forged.Id, $"{Legacy}@{DigestOf('f')}");
        Assert.Equal("local-image-unknown", await ReasonAsync(Start("web")));

        Loaded("good:1", 'f');
        Assert.Equal("excepted", await ReasonAsync(Create("good:1")));
    }

    [Theory]
    [InlineData("a tag", "legacy:1", "not-pinned")]
    [InlineData("a short id", "ffffffffffff", "local-image-unknown")]
    [InlineData("a digest", Legacy + "@sha256:ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "excepted")]
    [InlineData("an id", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "excepted")]
    public async Task An_engine_that_resolves_a_name_twice_is_not_given_one_that_can_move(string row, string image, string reason)
    {
        _bench.Except(DigestOf('f').ToString());
        Loaded("legacy:1", 'f', $"{Legacy}@{DigestOf('f')}");
        _bench.Engine.Images[new string('f', 64)] = _bench.Engine.Images[DigestOf('f').ToString()];
        _bench.Engine.Version = "26.1.5";

        Assert.Equal((row, reason), (row, await ReasonAsync(Create(image))));
    }

    [Theory]
    [InlineData("short id on the classic store", "666666666666", "excepted")]
    [InlineData("prefix of another", "777777777777", "not-pinned")]
    public async Task A_short_id_is_what_the_engine_takes_it_for(string row, string image, string reason)
    {
        _bench.Except(_bench.Build("built:1", '6').Id);
        _bench.Build("other:1", '7');

        Assert.Equal((row, reason), (row, (await ReasonAsync(Create(image))).Replace("local-image-unknown", "not-pinned", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("the digest", "fromImage=" + Legacy + "&tag=sha256:ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "excepted")]
    [InlineData("another digest", "fromImage=" + Legacy + "&tag=sha256:eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee", "not-pinned")]
    [InlineData("a tag that is the digest now", "fromImage=" + Legacy + "&tag=1", "excepted")]
    [InlineData("a tag that is another", "fromImage=" + Legacy + "&tag=2", "not-pinned")]
    [InlineData("a tag that is not there", "fromImage=" + Legacy + "&tag=3", "not-pinned")]
    [InlineData("a signed tag that moved to it", "fromImage=" + Repository + "&tag=1", "excepted")]
    [InlineData("all tags", "fromImage=" + Legacy, "all-tags")]
    public async Task Pulls(string row, string query, string reason)
    {
        _bench.PullSigned("1", 'd', '1');
        _bench.Except(DigestOf('f').ToString());
        _bench.Engine.Registry[Legacy + ":1"] = DigestOf('f').ToString();
        _bench.Engine.Registry[Legacy + ":2"] = DigestOf('e').ToString();
        _bench.Engine.Registry[Repository + ":1"] = DigestOf('f').ToString();

        Assert.Equal((row, reason), (row, await ReasonAsync(Pull(query))));
    }

    [Fact]
    public async Task A_registry_that_does_not_answer_leaves_the_refusal()
    {
        _bench.Except(DigestOf('f').ToString());
        _bench.Engine.Interfere = r => r.RequestUri!.AbsolutePath.StartsWith("/distribution", StringComparison.Ordinal)
            ? throw new HttpRequestException("refused")
            : null;

        Assert.Equal("not-pinned", await ReasonAsync(Pull($"fromImage={Legacy}&tag=1")));
        Assert.Contains(Last.GetProperty("checks").EnumerateArray(), c => Text(c, "check") == "exception" && Text(c, "result") == "unknown");
    }

    [Theory]
    [InlineData("a name it covers, here", Legacy + ":1", "excepted")]
    [InlineData("a name it covers, not here", Legacy + ":9", "excepted")]
    [InlineData("another name of the same content", "registry.example.com/other:1", "not-pinned")]
    [InlineData("a name that only begins so", "registry.example.com/legacy:1", "not-pinned")]
    [InlineData("its image id", "sha256:6666666666666666666666666666666666666666666666666666666666666666", "local-image-unknown")]
    public async Task A_name_with_any_content_is_a_name(string row, string image, string reason)
    {
        _bench.Build(Legacy + ":1", '6');
        _bench.Engine.Tags["registry.example.com/other:1"] = DigestOf('6').ToString();
        _bench.Engine.Tags["registry.example.com/legacy:1"] = DigestOf('6').ToString();
        _bench.Except("registry.example.com/legacy/*");

        Assert.Equal((row, reason), (row, await ReasonAsync(Create(image))));
    }

    [Fact]
    public async Task A_name_with_any_content_lets_start_what_was_created_by_it_and_nothing_else()
    {
        var image = _bench.Build(Legacy + ":1", '6');
        _bench.Except("registry.example.com/legacy/*", _time.GetUtcNow() + Day);
        var (request, response) = await _bench.CreateAsync(Legacy + ":1", ContainerOf(image, Legacy + ":1"));
        Assert.True(request.Allow && response!.Allow, request.Message);
        _bench.Engine.Tags.Clear();
        _bench.Container('d', "byid", image.Id, image.Id);

        Assert.Equal("excepted", await ReasonAsync(Start("web")));
        Assert.Equal("local-image-unknown", await ReasonAsync(Start("byid")));
        _time.Advance(Day);
        Assert.Equal("local-image-unknown", await ReasonAsync(Start("web")));
    }

    [Fact]
    public async Task A_short_id_is_no_name_for_any_content()
    {
        var image = _bench.Build("built:1", '6');
        _bench.Except("docker.io/library/*");
        _bench.Container('c', "web", image.Id, "666666666666");

        Assert.Equal("local-image-unknown", await ReasonAsync(Create("666666666666")));
        Assert.Equal("local-image-unknown", await ReasonAsync(Start("web")));
    }

    [Theory]
    [InlineData("digest")]
    [InlineData("name")]
    public async Task An_exception_opens_no_access_to_the_host(string kind)
    {
        var image = _bench.Build(Legacy + ":1", '6');
        _bench.Except(kind == "digest" ? image.Id : "registry.example.com/legacy/*");
        _bench.Policy = _bench.Policy with { HostAccessFor = new RepositoryList(["registry.example.com/*"]) };

        Assert.Equal("host-access", await ReasonAsync(CreateWith("\"HostConfig\":{\"Privileged\":true}", Legacy + ":1")));
        Assert.DoesNotContain("in host-access-for", Text(Last, "message"), StringComparison.Ordinal);
        _bench.Container('c', "web", image.Id, Legacy + ":1").HostConfig = """{"Privileged":true,"Runtime":"runc"}""";
        Assert.Equal("host-access", await ReasonAsync(Start("web")));
        Assert.Equal("host-access", await ReasonAsync(Post("/v1.41/containers/web/exec", """{"Cmd":["sh"],"Privileged":true}""")));
        _bench.Policy = _bench.Policy with { HostAccess = PolicyAnswer.Allow };
        Assert.Equal("excepted", await ReasonAsync(CreateWith("\"HostConfig\":{\"Privileged\":true}", Legacy + ":1")));
    }

    [Theory]
    [InlineData("unreachable", TransportFault.Unreachable)]
    [InlineData("asks for a login", TransportFault.LoginNeeded)]
    [InlineData("slow", TransportFault.TimedOut)]
    public async Task What_is_undecided_for_its_trust_server_is_excepted_too(string row, TransportFault fault)
    {
        var image = _bench.PullSigned("1", 'd', '1');
        _bench.Trust[Repository].Error = new TransportException(fault, "it does not answer");
        _bench.Except(DigestOf('d').ToString());

        Assert.Equal((row, "excepted"), (row, await ReasonAsync(Create(Repository + ":1"))));
        Assert.Contains(Last.GetProperty("checks").EnumerateArray(), c => Text(c, "check") == "refusal" && Text(c, "result") == "unknown");
        _bench.Container('c', "web", image.Id, Repository + ":1");
        Assert.Equal("excepted", await ReasonAsync(Start("web")));
    }

    [Fact]
    public async Task What_is_signed_is_trusted_and_approved_whatever_is_excepted()
    {
        var image = _bench.PullSigned("1", 'd', '1');
        _bench.Except(image.Id);
        await _bench.CreateAsync(Repository + ":1", ContainerOf(image, Repository + ":1"));

        Assert.Equal(["signed", "signed"], _bench.Records().Select(r => Text(r, "reason")));
        Assert.Equal(1, _bench.Approvals.Count);
    }

    [Fact]
    public async Task What_was_signed_just_now_is_trusted_and_not_excepted()
    {
        var image = new SimulatedImage(DigestOf('1').ToString(), [$"{Repository}@{DigestOf('d')}"]);
        _bench.Engine.Images[image.Id] = image;
        _bench.Engine.Tags[Repository + ":1"] = image.Id;
        _bench.Except(image.Id);
        _bench.Trust.Remembers = true;
        _bench.Trust[Repository].Tags["0"] = DigestOf('e');
        Assert.Equal("excepted", await ReasonAsync(Create(Repository + ":1")));

        _bench.Trust[Repository].Tags["1"] = DigestOf('d');
        Assert.Equal("signed", await ReasonAsync(Create(Repository + ":1")));
    }

    [Fact]
    public async Task A_service_runs_an_excepted_digest_and_falls_back_to_none_that_is_not()
    {
        var excepted = $"{Legacy}@{DigestOf('f')}";
        var other = $"{Legacy}@{DigestOf('e')}";
        _bench.PullSigned("1", 'd', '1');
        var signed = $"{Repository}:1@{DigestOf('d')}";
        _bench.Except(DigestOf('f').ToString(), _time.GetUtcNow() + Day);

        Assert.Equal("excepted", await ReasonAsync(Post("/v1.41/services/create", Spec(excepted))));
        Assert.Equal("not-pinned", await ReasonAsync(Post("/v1.41/services/create", Spec(other))));
        Assert.Equal("bad-reference", await ReasonAsync(Post("/v1.41/services/create", Spec(Legacy + ":1"))));
        Present(Spec(other));
        Assert.Equal("not-pinned", await ReasonAsync(Update(Spec(excepted, "rollback"))));
        Present(Spec(excepted));
        Assert.Equal("excepted", await ReasonAsync(Update(Spec(signed, "rollback"))));
        Assert.Equal("excepted", await ReasonAsync(Update(Spec(excepted))));
        _time.Advance(Day);
        Assert.Equal("not-pinned", await ReasonAsync(Update(Spec(excepted))));
        Assert.Equal("not-pinned", await ReasonAsync(Update(Spec(signed, "rollback"))));
    }

    [Fact]
    public async Task An_excepted_mount_makes_a_service_excepted_and_a_container_refused_at_once()
    {
        _bench.PullSigned("1", 'd', '1');
        var built = _bench.Build("built:1", '6');
        _bench.Except(built.Id);
        _bench.Policy = _bench.Policy with { HostAccessFor = new RepositoryList(["registry.example.com/team/*"]) };
        var mount = $$"""{"Type":"image","Source":"{{built.Id}}","Target":"/i"}""";
        var socket = """{"Type":"bind","Source":"/var/run/docker.sock","Target":"/s"}""";
        var signed = $"{Repository}:1@{DigestOf('d')}";

        Assert.Equal("local-image-unknown", await ReasonAsync(CreateWith($"\"HostConfig\":{{\"Mounts\":[{mount}]}}")));
        Assert.Contains("leave the mounts out", Text(Last, "message"), StringComparison.Ordinal);
        Assert.Equal("excepted", await ReasonAsync(Post("/v1.41/services/create", Spec(signed, mounts: mount))));
        Assert.Equal("signed", await ReasonAsync(Post("/v1.41/services/create", Spec(signed, mounts: socket))));
        Assert.Equal("host-access", await ReasonAsync(Post("/v1.41/services/create", Spec(signed, mounts: mount + "," + socket))));
        Assert.Equal("bad-reference", await ReasonAsync(CreateWith("""
            "HostConfig":{"Mounts":[{"Type":"image","Source":"built:1","Target":"/i"}]}
            """)));
    }

    [Fact]
    public async Task A_container_with_image_mounts_and_no_approval_does_not_start_by_an_exception()
    {
        var built = _bench.Build("built:1", '6');
        _bench.Except(built.Id);
        _bench.Engine.Containers[new string('c', 64)] = new SimulatedContainer
        {
            Id = new string('c', 64),
            Name = "web",
            ImageId = built.Id,
            ConfiguredImage = "built:1",
            MountTypes = ["image"],
        };

        Assert.Equal("local-image-unknown", await ReasonAsync(Start("web")));
    }

    [Fact]
    public async Task A_managed_plugin_is_never_excepted()
    {
        _bench.Policy = _bench.Policy with { Plugins = PolicyAnswer.Allow };
        _bench.Except(DigestOf('f').ToString());

        Assert.Equal("not-pinned", await ReasonAsync(Post($"/v1.41/plugins/pull?remote={Legacy}@{DigestOf('f')}&name=x", "[]")));
    }

    [Fact]
    public async Task A_start_by_a_name_of_64_hex_digits_holds_names()
    {
        var built = _bench.Build("built:1", '6');
        _bench.Except(built.Id);
        _bench.Container('c', new string('7', 64), built.Id, "built:1");
        var start = Start(new string('7', 64));
        Assert.True((await _bench.AskAsync(start)).Allow);
        var change = _bench.AskAsync(Post("/v1.41/containers/evil/rename?name=web"));
        await Task.Delay(200);
        Assert.False(change.IsCompleted);
        await _bench.ReportAsync(start, 304);
        Assert.True((await change.WaitAsync(TimeSpan.FromSeconds(5))).Allow);
    }

    [Fact]
    public async Task An_excepted_container_that_starts_meanwhile_is_left_alone_and_another_is_killed()
    {
        var built = _bench.Build("built:1", '6');
        _bench.Except(built.Id);
        _bench.Container('c', "web", built.Id, "built:1");
        var start = Start("web");
        Assert.True((await _bench.AskAsync(start)).Allow);
        var (excepted, evil) = (_bench.Container('d', "other", built.Id), _bench.Container('e', "evil", _bench.Build("evil:1", '7').Id));
        foreach (var one in new[] { excepted, evil })
        {
            (one.Running, one.StartedAt) = (true, _time.GetUtcNow());
        }

        Assert.False((await _bench.ReportAsync(start, 204)).Allow);
        Assert.Equal((true, false), (excepted.Running, evil.Running));
    }

    [Fact]
    public async Task In_permissive_mode_it_is_allowed_and_not_would_deny()
    {
        _bench.Policy = _bench.Policy with { Mode = EnforcementMode.Permissive };
        _bench.Except(_bench.Build("built:1", '6').Id);

        Assert.Equal("excepted", await ReasonAsync(Create("built:1")));
        Assert.True((await _bench.AskAsync(Create("other:1"))).Allow);
        Assert.Equal("would-deny", Text(Last, "answer"));
    }

    [Fact]
    public async Task A_response_without_a_request_is_decided_by_what_was_made()
    {
        var built = _bench.Build("built:1", '6');
        _bench.Except(built.Id);
        _bench.Engine.Containers[new string('c', 64)] = ContainerOf(built, "built:1");

        Assert.True((await _bench.ReportAsync(Create("built:1"), 201, $$"""{"Id":"{{new string('c', 64)}}"}""")).Allow);
        Assert.Equal("excepted", _bench.LastReason());
        Assert.Equal(0, _bench.Approvals.Count);
    }

    [Fact]
    public async Task Verify_judges_as_of_a_time()
    {
        var built = _bench.Build("built:1", '6');
        _bench.Except(built.Id, _time.GetUtcNow() + Day);
        var then = _bench.Policy with { Exceptions = _bench.Policy.Exceptions.AsOf(_time.GetUtcNow() + Day) };

        Assert.Equal(Outcome.Excepted, (await _bench.Service.Inquirer.VerifyAsync("built:1", _bench.Policy, null, CancellationToken.None)).Outcome);
        Assert.Equal(Outcome.Refused, (await _bench.Service.Inquirer.VerifyAsync("built:1", then, null, CancellationToken.None)).Outcome);
        Assert.Equal(Outcome.Excepted, (await _bench.Service.Inquirer.ReportHostAsync(_bench.Policy, CancellationToken.None)).Images.Single().Outcome);
    }

    private static readonly ReasonCode[] NeverExcepted =
    [
        ReasonCode.Signed, ReasonCode.Approved, ReasonCode.LocalBuild, ReasonCode.AllowedByPolicy, ReasonCode.Excepted,
        ReasonCode.BadReference, ReasonCode.AllTags, ReasonCode.PolicyInvalid, ReasonCode.RefusedByPolicy, ReasonCode.HostAccess,
        ReasonCode.NotInRegistry, ReasonCode.Swapped, ReasonCode.RenamedUnderStart, ReasonCode.ApprovalStoreFull,
        ReasonCode.UnknownEndpoint, ReasonCode.HiddenOrAmbiguous, ReasonCode.UnreadableMessage,
        ReasonCode.EngineUnreachable, ReasonCode.EngineUnclear, ReasonCode.InternalError,
    ];

    /// <summary>Whoever adds a reason decides here whether it is about content.</summary>
    [Theory]
    [MemberData(nameof(EveryReasonCode.Codes), MemberType = typeof(EveryReasonCode))]
    public void Only_reasons_about_content_are_excepted(ReasonCode code) =>
        Assert.Equal(!NeverExcepted.Contains(code), ExceptionDecider.IsAboutContent(code));

    private static string Spec(string image, string failure = "pause", string mounts = "") => $$$"""
        {"Name":"web","TaskTemplate":{"ContainerSpec":{"Image":"{{{image}}}","Mounts":[{{{mounts}}}]},"Runtime":"container"},"UpdateConfig":{"FailureAction":"{{{failure}}}"}}
        """;

    private void Present(string spec) => _bench.Engine.Services["web"] = new JsonObject
    {
        ["ID"] = "s1",
        ["Version"] = new JsonObject { ["Index"] = 7 },
        ["Spec"] = JsonNode.Parse(spec),
    };

    private static AuthZRequest Update(string spec) => Post("/v1.41/services/web/update?version=7", spec);
}
