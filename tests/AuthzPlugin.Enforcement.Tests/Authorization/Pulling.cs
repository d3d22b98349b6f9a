using System.Net;
using AuthzPlugin.Enforcement.Authorization;
using static AuthzPlugin.Enforcement.Tests.Authorization.AuthorizationBench;

namespace AuthzPlugin.Enforcement.Tests.Authorization;

public sealed class Pulling : IDisposable
{
    private readonly AuthorizationBench _bench = new();

    [Theory]
    [InlineData("by tag", "fromImage=registry.example.com%2Fteam%2Fapp&tag=1")]
    [InlineData("by digest", "fromImage=registry.example.com%2Fteam%2Fapp&tag=sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd")]
    public async Task A_signed_image_is_pulled(string row, string query)
    {
        _bench.PullSigned("1", 'd', '1');
        var answer = await _bench.AskAsync(Pull(query));
        Assert.True(answer.Allow, row + answer.Message);
    }

    [Fact]
    public async Task A_moved_tag_is_refused_with_both_digests_and_the_way_out()
    {
        _bench.PullSigned("1", 'd', '1');
        _bench.Engine.Registry[Repository + ":1"] = DigestOf('e').ToString();
        var answer = await _bench.AskAsync(Pull($"fromImage={Repository}&tag=1"));
        Assert.False(answer.Allow);
        Assert.Equal("tag-moved", _bench.LastReason());
        Assert.Contains(DigestOf('e').ToString(), answer.Message, StringComparison.Ordinal);
        Assert.Contains(
            $"docker pull {Repository}@{DigestOf('d')} && docker tag {Repository}@{DigestOf('d')} {Repository}:1", answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unsigned tag", Repository + "&tag=9", "not-signed")]
    [InlineData("unsigned digest", Repository + "&tag=sha256:eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee", "not-signed")]
    [InlineData("no pin", "alpine&tag=1", "not-pinned")]
    [InlineData("all tags", Repository, "all-tags")]
    [InlineData("bad reference", "UPPER&tag=1", "bad-reference")]
    public async Task Other_pulls_are_refused(string row, string query, string reason)
    {
        _bench.PullSigned("1", 'd', '1');
        Assert.False((await _bench.AskAsync(Pull("fromImage=" + query))).Allow, row);
        Assert.Equal(reason, _bench.LastReason());
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, "unauthorized: authentication required", "login-needed", "undecided")]
    [InlineData(HttpStatusCode.InternalServerError, "no basic auth credentials", "login-needed", "undecided")]
    [InlineData(HttpStatusCode.InternalServerError, "dial tcp: connection refused", "registry-unreachable", "undecided")]
    [InlineData(HttpStatusCode.NotFound, "manifest unknown", "not-in-registry", "refused")]
    [InlineData(HttpStatusCode.InternalServerError, "manifest unknown: manifest unknown", "not-in-registry", "refused")]
    public async Task What_the_registry_says_has_its_own_reason(HttpStatusCode status, string message, string reason, string outcome)
    {
        _bench.PullSigned("1", 'd', '1');
        _bench.Engine.Interfere = request => request.RequestUri!.AbsolutePath.StartsWith("/distribution", StringComparison.Ordinal)
            ? new HttpResponseMessage(status) { Content = new StringContent($$"""{"message":"{{message}}"}""") }
            : null;
        Assert.False((await _bench.AskAsync(Pull($"fromImage={Repository}&tag=1"))).Allow);
        Assert.Equal(reason, _bench.LastReason());
        Assert.Equal(outcome, _bench.Records()[^1].GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task An_invalid_policy_answers_reads_and_refuses_the_rest_with_its_first_problem()
    {
        _bench.InForce = new PolicyInForce(null, "the content-trust policy is invalid: mode is missing; run content-trust check-config");
        Assert.True((await _bench.AskAsync(Post("/v1.41/containers/json") with { Method = "GET" })).Allow);
        var answer = await _bench.AskAsync(Post("/v1.41/networks/prune"));
        Assert.False(answer.Allow);
        Assert.StartsWith("the content-trust policy is invalid", answer.Message, StringComparison.Ordinal);
        Assert.Equal("policy-invalid", _bench.LastReason());
    }

    [Fact]
    public async Task An_empty_or_unreadable_question_is_denied()
    {
        Assert.False((await _bench.AskAsync(null)).Allow);
        Assert.Equal("unreadable-message", _bench.LastReason());
    }

    public void Dispose() => _bench.Dispose();
}
