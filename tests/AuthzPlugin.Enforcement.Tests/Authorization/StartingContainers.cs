using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Testing.Engine;
using static AuthzPlugin.Enforcement.Tests.Authorization.AuthorizationBench;

namespace AuthzPlugin.Enforcement.Tests.Authorization;

public sealed class StartingContainers : IDisposable
{
    private readonly AuthorizationBench _bench = new();

    private async Task<SimulatedContainer> ApprovedAsync()
    {
        var image = _bench.PullSigned("1", 'd', '1');
        var container = new SimulatedContainer
        {
            Id = new string('c', 64),
            Name = "web",
            ImageId = image.Id,
            ConfiguredImage = Repository + ":1",
        };
        await _bench.CreateAsync(Repository + ":1", container);
        return container;
    }

    /// <summary>Asks, starts what the name means now, reports.</summary>
    private async Task<(bool Asked, bool Reported)> StartAsync(string name, Action? meanwhile = null)
    {
        var request = Start(name);
        if (!(await _bench.AskAsync(request)).Allow)
        {
            return (false, false);
        }

        meanwhile?.Invoke();
        var started = _bench.Engine.Containers.Values.First(c => c.Id == name || c.Name == name);
        started.Running = true;
        started.StartedAt = DateTimeOffset.UtcNow;
        return (true, (await _bench.ReportAsync(request, 204)).Allow);
    }

    [Fact]
    public async Task An_approved_container_starts_without_asking_for_trust_data()
    {
        var container = await ApprovedAsync();
        var before = _bench.Trust.Asked;
        Assert.Equal((true, true), await StartAsync(container.Id));
        Assert.Equal((true, true), await StartAsync("web"));
        Assert.Equal(before, _bench.Trust.Asked);
    }

    [Fact]
    public async Task With_reverify_an_approval_is_not_enough()
    {
        var container = await ApprovedAsync();
        _bench.Policy = _bench.Policy with { StartCheck = StartCheck.Reverify };
        _bench.Trust[Repository].Tags.Clear();
        Assert.False((await _bench.AskAsync(Start(container.Id))).Allow);
    }

    [Fact]
    public async Task A_signed_container_without_approval_is_decided_afresh()
    {
        var image = _bench.PullSigned("1", 'd', '1');
        _bench.Container('b', "old", image.Id, Repository + ":1");
        Assert.Equal((true, true), await StartAsync("old"));
    }

    [Theory]
    [InlineData("start")]
    [InlineData("restart")]
    [InlineData("unpause")]
    public async Task An_unsigned_container_is_refused(string verb)
    {
        _bench.PullSigned("1", 'd', '1');
        var evil = _bench.Build("evil:1", '6');
        var container = _bench.Container('e', "evil", evil.Id, Repository + ":1");
        Assert.False((await _bench.AskAsync(Post($"/v1.41/containers/{container.Id}/{verb}"))).Allow);
        Assert.False((await _bench.AskAsync(Post($"/v1.41/containers/evil/{verb}"))).Allow);
    }

    [Fact]
    public async Task A_restart_policy_needs_a_container_that_may_start()
    {
        var evil = _bench.Build("evil:1", '6');
        var container = _bench.Container('e', "evil", evil.Id);
        var update = Post($"/v1.41/containers/{container.Id}/update", """{"RestartPolicy":{"Name":"always","MaximumRetryCount":0}}""");
        Assert.False((await _bench.AskAsync(update)).Allow);
    }

    [Fact]
    public async Task A_tag_that_moved_on_does_not_withdraw_the_approval()
    {
        var container = await ApprovedAsync();
        _bench.Trust[Repository].Tags["1"] = DigestOf('e');
        _bench.Trust.CheckedAt = DateTimeOffset.UtcNow.AddMinutes(1);
        Assert.True((await _bench.AskAsync(Start(container.Id))).Allow);
    }

    [Fact]
    public async Task A_withdrawn_tag_withdraws_the_approval_once_newer_data_is_verified()
    {
        var container = await ApprovedAsync();
        _bench.Trust[Repository].Tags.Clear();
        Assert.True((await _bench.AskAsync(Start(container.Id))).Allow);
        _bench.Trust.CheckedAt = DateTimeOffset.UtcNow.AddMinutes(1);
        var answer = await _bench.AskAsync(Start(container.Id));
        Assert.False(answer.Allow);
        Assert.Contains("may not run", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_withdrawn_signing_key_withdraws_the_approval_of_a_tag_that_moved_on()
    {
        var container = await ApprovedAsync();
        _bench.Trust[Repository].Tags["1"] = DigestOf('e');
        _bench.Trust[Repository].SignerKeyIds = ["another"];
        Assert.True((await _bench.AskAsync(Start(container.Id))).Allow);

        _bench.Trust.CheckedAt = DateTimeOffset.UtcNow.AddMinutes(1);
        Assert.False((await _bench.AskAsync(Start(container.Id))).Allow);
        Assert.Contains("withdrew a key", _bench.Records()[^1].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_another_key_signed_anew_starts_although_the_first_key_was_withdrawn()
    {
        var container = await ApprovedAsync();
        _bench.Trust[Repository].SignerKeyIds = ["another"];
        _bench.Trust.CheckedAt = DateTimeOffset.UtcNow.AddMinutes(1);
        Assert.True((await _bench.AskAsync(Start(container.Id))).Allow);
    }

    [Fact]
    public async Task An_approval_ends_with_the_pin_of_its_root_key()
    {
        var container = await ApprovedAsync();
        _bench.Policy = _bench.Policy with { Pins = Pins("registry.example.com/team/*", new string('b', 64)) };
        _bench.Trust[Repository].Error = new Trust.Errors.RepositoryException(Trust.Errors.RepositoryFault.PinMismatch, "is not signed by a pinned key");
        Assert.False((await _bench.AskAsync(Start(container.Id))).Allow);
    }

    [Fact]
    public async Task An_approval_of_another_engine_does_not_count()
    {
        var container = await ApprovedAsync();
        _bench.Engine.EngineId = "ENGINE-2";
        _bench.Trust[Repository].Tags.Clear();
        await Task.Delay(1100); // the engine's identity is believed for a second
        Assert.False((await _bench.AskAsync(Start(container.Id))).Allow);
    }

    [Fact]
    public async Task A_name_moved_under_a_start_kills_what_started()
    {
        await ApprovedAsync();
        var evil = _bench.Build("evil:1", '6');
        var container = _bench.Container('e', "evil", evil.Id);
        var (asked, reported) = await StartAsync("web", () =>
        {
            _bench.Engine.Containers[new string('c', 64)].Name = "gone";
            container.Name = "web";
        });
        Assert.True(asked);
        Assert.False(reported);
        Assert.False(container.Running);
        Assert.Equal("renamed-under-start", _bench.LastReason());
    }

    [Fact]
    public async Task An_id_that_became_a_name_kills_what_started()
    {
        var approved = await ApprovedAsync();
        var evil = _bench.Build("evil:1", '6');
        var container = _bench.Container('e', "evil", evil.Id);
        var (_, reported) = await StartAsync(approved.Id, () =>
        {
            _bench.Engine.Containers.Remove(approved.Id);
            container.Name = approved.Id;
        });
        Assert.False(reported);
        Assert.False(container.Running);
    }

    [Theory]
    [InlineData("POST", "/v1.41/containers/evil/rename?name=web")]
    [InlineData("DELETE", "/v1.41/containers/web")]
    [InlineData("POST", "/v1.41/containers/prune")]
    public async Task Names_stand_still_while_a_start_by_name_is_under_way(string method, string uri)
    {
        await ApprovedAsync();
        var start = Start("web");
        Assert.True((await _bench.AskAsync(start)).Allow);
        var change = _bench.AskAsync(Post(uri) with { Method = method });
        await Task.Delay(200);
        Assert.False(change.IsCompleted);
        await _bench.ReportAsync(start, 304);
        Assert.True((await change.WaitAsync(TimeSpan.FromSeconds(5))).Allow);
    }

    [Fact]
    public async Task A_start_by_name_waits_for_a_rename_under_way()
    {
        await ApprovedAsync();
        var rename = Post("/v1.41/containers/evil/rename?name=web2");
        Assert.True((await _bench.AskAsync(rename)).Allow);
        var start = _bench.AskAsync(Start("web"));
        await Task.Delay(200);
        Assert.False(start.IsCompleted);
        await _bench.ReportAsync(rename, 204);
        Assert.True((await start.WaitAsync(TimeSpan.FromSeconds(5))).Allow);
    }

    [Fact]
    public async Task Results_of_two_equal_starts_at_the_same_time_free_the_names_at_once()
    {
        await ApprovedAsync();
        var start = Start("web");
        Assert.True((await _bench.AskAsync(start)).Allow);
        Assert.True((await _bench.AskAsync(start)).Allow);
        Task? second = null;
        _bench.Engine.Interfere = _ =>
        {
            second ??= _bench.ReportAsync(start, 409);
            return null;
        };
        await _bench.ReportAsync(start, 204);
        await second!;
        var rename = await _bench.AskAsync(Post("/v1.41/containers/evil/rename?name=web2")).WaitAsync(TimeSpan.FromMilliseconds(800));
        Assert.True(rename.Allow);
    }

    [Fact]
    public async Task A_result_that_never_comes_holds_names_only_for_the_budget()
    {
        await ApprovedAsync();
        Assert.True((await _bench.AskAsync(Start("web"))).Allow);
        var rename = await _bench.AskAsync(Post("/v1.41/containers/web/rename?name=web2")).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.True(rename.Allow);
    }

    [Fact]
    public async Task A_start_by_a_name_of_64_hex_digits_holds_names()
    {
        var container = await ApprovedAsync();
        container.Name = new string('7', 64);
        var start = Start(container.Name);
        Assert.True((await _bench.AskAsync(start)).Allow);
        var change = _bench.AskAsync(Post("/v1.41/containers/evil/rename?name=web"));
        await Task.Delay(200);
        Assert.False(change.IsCompleted);
        await _bench.ReportAsync(start, 304);
        Assert.True((await change.WaitAsync(TimeSpan.FromSeconds(5))).Allow);
    }

    [Fact]
    public async Task A_restart_policy_by_name_holds_names()
    {
        await ApprovedAsync();
        var update = Post("/v1.41/containers/web/update", """{"RestartPolicy":{"Name":"always","MaximumRetryCount":0}}""");
        Assert.True((await _bench.AskAsync(update)).Allow);
        var change = _bench.AskAsync(Post("/v1.41/containers/evil/rename?name=web"));
        await Task.Delay(200);
        Assert.False(change.IsCompleted);
        await _bench.ReportAsync(update, 200);
        Assert.True((await change.WaitAsync(TimeSpan.FromSeconds(5))).Allow);
    }

    [Theory]
    [InlineData("restart")]
    [InlineData("unpause")]
    [InlineData("start")]
    public async Task A_body_that_the_engine_would_wait_for_is_refused(string verb)
    {
        await ApprovedAsync();
        var request = Post($"/v1.41/containers/web/{verb}");
        var headers = new Dictionary<string, string> { ["Content-Type"] = "application/x-www-form-urlencoded", ["Content-Length"] = "3" };
        Assert.False((await _bench.AskAsync(request with { Headers = headers })).Allow);
        Assert.Equal("hidden-or-ambiguous", _bench.LastReason());
    }

    [Theory]
    [InlineData("/v1.41/containers/web/rename?name=", null)]
    [InlineData("/v1.41/containers/create?name=", "{\"Image\":\"registry.example.com/team/app:1\"}")]
    public async Task A_container_is_not_named_like_an_id(string uri, string? json)
    {
        await ApprovedAsync();
        Assert.False((await _bench.AskAsync(Post(uri + new string('e', 64), json))).Allow);
        Assert.Equal("hidden-or-ambiguous", _bench.LastReason());
    }

    [Fact]
    public async Task A_start_by_full_id_holds_no_names()
    {
        var container = await ApprovedAsync();
        Assert.True((await _bench.AskAsync(Start(container.Id))).Allow);
        Assert.True((await _bench.AskAsync(Post("/v1.41/containers/prune")).WaitAsync(TimeSpan.FromSeconds(1))).Allow);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("a/b")]
    [InlineData("..")]
    public async Task A_container_that_does_not_exist_is_refused(string name)
    {
        Assert.False((await _bench.AskAsync(Start(name))).Allow);
    }

    public void Dispose() => _bench.Dispose();
}
