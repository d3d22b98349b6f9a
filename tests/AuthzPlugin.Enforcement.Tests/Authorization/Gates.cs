using System.Text.Json.Nodes;
using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Enforcement.Policy;
using static AuthzPlugin.Enforcement.Tests.Authorization.AuthorizationBench;

namespace AuthzPlugin.Enforcement.Tests.Authorization;

/// <summary>Groups of requests that the policy opens or closes.</summary>
public sealed class Gates : IDisposable
{
    private readonly AuthorizationBench _bench = new();

    private static AuthZRequest Tar(string method, string uri) => Post(uri) with
    {
        Method = method,
        Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Content-Type"] = "application/x-tar" },
    };

    public static TheoryData<string, string, string> OpenedByAllow => new()
    {
        { "builds", "POST", "/build?t=a" },
        { "builds", "POST", "/session" },
        { "builds", "POST", "/grpc" },
        { "swarm", "POST", "/swarm/init" },
        { "swarm", "POST", "/swarm/join" },
        { "swarm", "POST", "/swarm/update?version=1" },
        { "swarm", "POST", "/swarm/unlock" },
        { "swarm", "GET", "/swarm" },
        { "swarm", "GET", "/swarm/unlockkey" },
        { "plugins", "POST", "/plugins/a/set" },
    };

    private TrustPolicy With(string key, PolicyAnswer answer) => key switch
    {
        "builds" => _bench.Policy with { Builds = answer },
        "swarm" => _bench.Policy with { Swarm = answer },
        "plugins" => _bench.Policy with { Plugins = answer },
        "imports" => _bench.Policy with { Imports = answer },
        _ => _bench.Policy with { ContainerChanges = answer },
    };

    [Theory]
    [MemberData(nameof(OpenedByAllow))]
    public async Task A_gate_is_closed_by_default_and_opened_by_its_own_key(string key, string method, string uri)
    {
        var request = Post("/v1.41" + uri, "{}") with { Method = method };
        Assert.False((await _bench.AskAsync(request)).Allow);
        Assert.Equal("refused-by-policy", _bench.LastReason());
        foreach (var other in new[] { "builds", "swarm", "plugins" })
        {
            _bench.Policy = _bench.Policy with { Builds = PolicyAnswer.Refuse, Swarm = PolicyAnswer.Refuse, Plugins = PolicyAnswer.Refuse };
            _bench.Policy = With(other, PolicyAnswer.Allow);
            Assert.Equal(other == key, (await _bench.AskAsync(request)).Allow);
        }
    }

    public static TheoryData<string, string, string> Contents => new()
    {
        { "imports", "POST", "/images/load" },
        { "imports", "POST", "/images/create?fromSrc=-&repo=a" },
        { "imports", "POST", "/commit?container=a" },
        { "", "POST", "/images/a/tag?repo=b" },
        { "", "POST", "/images/a/push" },
        { "", "POST", "/images/prune" },
        { "", "DELETE", "/images/a" },
        { "container-changes", "PUT", "/containers/new/archive?path=/" },
    };

    [Theory]
    [MemberData(nameof(Contents))]
    public async Task Changes_of_content_are_allowed_and_recorded_unless_their_key_refuses_them(string key, string method, string uri)
    {
        _bench.Container('a', "new", _bench.Build("a:1", '6').Id).StartedAt = DateTimeOffset.MinValue;
        var request = key == "" || uri.StartsWith("/commit", StringComparison.Ordinal) ? Post("/v1.41" + uri) with { Method = method } : Tar(method, "/v1.41" + uri);
        Assert.True((await _bench.AskAsync(request)).Allow);
        var record = _bench.Records()[^1];
        Assert.Equal(("allowed-by-policy", "/v1.41" + uri), (record.GetProperty("reason").GetString(), record.GetProperty("uri").GetString()));
        foreach (var refused in new[] { "imports", "container-changes" })
        {
            _bench.Policy = _bench.Policy with { Imports = PolicyAnswer.Allow, ContainerChanges = PolicyAnswer.Allow };
            _bench.Policy = With(refused, PolicyAnswer.Refuse);
            Assert.Equal(refused != key, (await _bench.AskAsync(request)).Allow);
        }
    }

    [Fact]
    public async Task Files_may_be_put_into_a_container_that_ran()
    {
        _bench.Policy = _bench.Policy with { ContainerChanges = PolicyAnswer.Refuse };
        _bench.Container('a', "old", _bench.Build("a:1", '6').Id).StartedAt = DateTimeOffset.UtcNow;
        Assert.True((await _bench.AskAsync(Tar("PUT", "/containers/old/archive?path=/"))).Allow);
        Assert.False((await _bench.AskAsync(Tar("PUT", "/containers/none/archive?path=/"))).Allow);
        Assert.False((await _bench.AskAsync(Tar("PUT", "/containers/a/b/archive?path=/"))).Allow);
    }

    [Fact]
    public async Task Names_stand_still_for_an_upload_by_name_at_its_beginning()
    {
        _bench.Policy = _bench.Policy with { ContainerChanges = PolicyAnswer.Refuse };
        _bench.Container('a', "old", _bench.Build("a:1", '6').Id).StartedAt = DateTimeOffset.UtcNow;
        Assert.True((await _bench.AskAsync(Tar("PUT", "/containers/old/archive?path=/"))).Allow);
        var rename = _bench.AskAsync(Post("/v1.41/containers/old/rename?name=x"));
        await Task.Delay(200);
        Assert.False(rename.IsCompleted);
        Assert.True((await rename.WaitAsync(TimeSpan.FromSeconds(5))).Allow);
    }

    private static readonly string Signed = $"{Repository}@{DigestOf('d')}";

    private void Plugin(string key, string name, string reference) =>
        _bench.Engine.Plugins[key] = new JsonObject { ["Id"] = new string('9', 64), ["Name"] = name, ["PluginReference"] = reference };

    [Fact]
    public async Task Managed_plugins_are_pulled_by_a_signed_digest_and_only_such_are_enabled()
    {
        _bench.PullSigned("1", 'd', '1');
        var pull = Post($"/plugins/pull?remote={Signed}&name=p", "[]");
        var upgrade = Post($"/plugins/p/upgrade?remote={Signed}", "[]");
        var enable = Post("/plugins/p/enable?timeout=30");
        Plugin("p", "p:latest", Signed);
        foreach (var request in new[] { pull, upgrade, enable })
        {
            Assert.False((await _bench.AskAsync(request)).Allow);
            Assert.Equal("refused-by-policy", _bench.LastReason());
        }

        _bench.Policy = _bench.Policy with { Plugins = PolicyAnswer.Allow };
        foreach (var request in new[] { pull, upgrade, enable })
        {
            var answer = await _bench.AskAsync(request);
            Assert.True(answer.Allow, answer.Message);
        }
    }

    [Theory]
    [InlineData("a tag", "/plugins/pull?remote=" + Repository + ":1", "bad-reference")]
    [InlineData("another digest", "/plugins/pull?remote=" + Repository + "@sha256:eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee", "not-signed")]
    [InlineData("no pin", "/plugins/pull?remote=vieux/sshfs@sha256:eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee", "not-pinned")]
    [InlineData("an alias that shadows this plugin", "/plugins/pull?remote=" + Repository + "@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd&name=content-trust", "refused-by-policy")]
    [InlineData("an upgrade of this plugin", "/plugins/content-trust:latest/upgrade?remote=" + Repository + "@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd", "refused-by-policy")]
    [InlineData("made here", "/plugins/made/enable", "bad-reference")]
    [InlineData("pulled by a tag", "/plugins/tagged/enable", "bad-reference")]
    [InlineData("unsigned digest", "/plugins/evil/enable", "not-signed")]
    [InlineData("none", "/plugins/none/enable", "bad-reference")]
    [InlineData("created", "/plugins/create?name=x", "refused-by-policy")]
    public async Task Other_managed_plugins_are_refused_even_when_plugins_are_allowed(string row, string uri, string reason)
    {
        _bench.PullSigned("1", 'd', '1');
        _bench.Policy = _bench.Policy with { Plugins = PolicyAnswer.Allow };
        Plugin("made", "made:latest", "");
        Plugin("tagged", "tagged:latest", Repository + ":1");
        Plugin("evil", "evil:latest", $"{Repository}@{DigestOf('e')}");
        var request = uri.Contains("remote", StringComparison.Ordinal) ? Post(uri, "[]") : Post(uri);
        Assert.False((await _bench.AskAsync(request)).Allow, row);
        Assert.Equal(reason, _bench.LastReason());
    }

    [Theory]
    [InlineData("content-trust")]
    [InlineData("content-trust:latest")]
    [InlineData("content-trust:1@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd")]
    [InlineData("docker.io/library/content-trust:latest")]
    [InlineData("registry.example.com:5000/x/content-trust")]
    [InlineData("99999999")]
    public async Task This_plugin_is_not_stopped_by_name_or_id(string name)
    {
        _bench.Policy = _bench.Policy with { Plugins = PolicyAnswer.Allow };
        Plugin("99999999", "content-trust:latest", Signed);
        foreach (var (method, path) in new[] { ("DELETE", ""), ("POST", "/disable"), ("POST", "/enable") })
        {
            var answer = await _bench.AskAsync(Post($"/v1.41/plugins/{name}{path}") with { Method = method });
            Assert.False(answer.Allow);
            Assert.Contains("has this plugin's name, ", answer.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("content-trusted")]
    [InlineData("content-trust/other")]
    public async Task Other_plugins_are_stopped_and_removed(string name)
    {
        Plugin(name, name + ":latest", "");
        Assert.True((await _bench.AskAsync(Post($"/plugins/{name}/disable?force=1"))).Allow);
        Assert.True((await _bench.AskAsync(Post($"/plugins/{name}") with { Method = "DELETE" })).Allow);
    }

    public void Dispose() => _bench.Dispose();
}
