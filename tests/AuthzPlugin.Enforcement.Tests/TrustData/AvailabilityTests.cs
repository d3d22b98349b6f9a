using AuthzPlugin.Testing.Notary;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.Tests.TrustData;

/// <summary>
/// Servers that do not answer, or not with everything (notary-v1.md 7, lines 46 to 62, 110, 113, 117 to 119). A row says what the
/// cache has, which file is lied about and how; the result is a fault, <c>fresh</c> (the server's word) or <c>stale</c> (the cache's).
/// </summary>
public sealed class AvailabilityTests
{
    private static readonly Dictionary<string, (string Cache, string File, Answer Lie, string Result)> Table = new()
    {
        ["L054 no cache, root 404"] = ("none", "root", new Answer.Status(404), "NotFound"),
        ["L054 no cache, root 503"] = ("none", "root", new Answer.Status(503), "ServerError"),
        ["L055 unchanged, root 404"] = ("same", "root", new Answer.Status(404), "fresh"),
        ["L055 unchanged, root 503"] = ("same", "root", new Answer.Status(503), "fresh"),
        ["L056 new root, root 404"] = ("new root", "root", new Answer.Status(404), "stale"),
        ["L056 new root, root 503"] = ("new root", "root", new Answer.Status(503), "stale"),
        ["L057 no cache, timestamp 404"] = ("none", "timestamp", new Answer.Status(404), "NotFound"),
        ["L057 no cache, timestamp 503"] = ("none", "timestamp", new Answer.Status(503), "ServerError"),
        ["L057 no cache, snapshot 404"] = ("none", "snapshot", new Answer.Status(404), "MissingMetadata"),
        ["L057 no cache, snapshot 503"] = ("none", "snapshot", new Answer.Status(503), "ServerError"),
        ["L057 no cache, targets 404"] = ("none", "targets", new Answer.Status(404), "MissingMetadata"),
        ["L057 no cache, targets 503"] = ("none", "targets", new Answer.Status(503), "ServerError"),
        ["L057 no cache, delegation 404"] = ("none", "targets/releases", new Answer.Status(404), "MissingMetadata"),
        ["L057 no cache, delegation 503"] = ("none", "targets/releases", new Answer.Status(503), "ServerError"),
        ["L058 unchanged, snapshot 404"] = ("same", "snapshot", new Answer.Status(404), "fresh"),
        ["L058 unchanged, targets 404"] = ("same", "targets", new Answer.Status(404), "fresh"),
        ["L058 unchanged, delegation 404"] = ("same", "targets/releases", new Answer.Status(404), "fresh"),
        ["L059 news, snapshot 404"] = ("news", "snapshot", new Answer.Status(404), "MissingMetadata"),
        ["L059 news, targets 404"] = ("news", "targets", new Answer.Status(404), "MissingMetadata"),
        ["L059 news, delegation 404"] = ("news", "targets/releases", new Answer.Status(404), "MissingMetadata"),
        ["L059 news, snapshot 503"] = ("news", "snapshot", new Answer.Status(503), "stale"),
        ["L059 news, targets 503"] = ("news", "targets", new Answer.Status(503), "stale"),
        ["L059 news, timestamp 404 (grace)"] = ("news", "timestamp", new Answer.Status(404), "stale"),
        ["L059 news, timestamp 503"] = ("news", "timestamp", new Answer.Status(503), "stale"),
        ["L060 unchanged, timestamp 401 (strict)"] = ("same", "timestamp", new Answer.Status(401), "LoginNeeded"),
        ["L060 unchanged, timestamp 403 (strict)"] = ("same", "timestamp", new Answer.Status(403), "LoginNeeded"),
        ["L060 no cache, 401"] = ("none", "*", new Answer.Status(401), "LoginNeeded"),
        ["L061 no cache, root with a space"] = ("none", "root", new Answer.Changed(Damage.Space), "ChecksumMismatch"),
        ["L061 no cache, snapshot with a space"] = ("none", "snapshot", new Answer.Changed(Damage.Space), "TooLarge"),
        ["L061 no cache, targets with a space"] = ("none", "targets", new Answer.Changed(Damage.Space), "TooLarge"),
        ["L061 no cache, delegation with a space"] = ("none", "targets/releases", new Answer.Changed(Damage.Space), "TooLarge"),
        ["L061 news, snapshot with a space"] = ("news", "snapshot", new Answer.Changed(Damage.Space), "TooLarge"),
        ["L061 news, targets shortened"] = ("news", "targets", new Answer.Changed(f => f[1..]), "ChecksumMismatch"),
        ["L061 timestamp with a space"] = ("none", "timestamp", new Answer.Changed(Damage.Space), "fresh"),
        ["L062 unchanged, snapshot with a space"] = ("same", "snapshot", new Answer.Changed(Damage.Space), "fresh"),
        ["L110 the download of targets is cut off"] = ("news", "targets", new Answer.CutOff(), "stale"),
        ["L110 the connection ends"] = ("news", "snapshot", new Answer.HangUp(), "stale"),
        ["L113 a timestamp of 1 MiB and a byte is announced"] = ("same", "timestamp", new Answer.Announced((1 << 20) + 1), "TooLarge"),
        ["L113 an endless timestamp"] = ("same", "timestamp", new Answer.Endless(), "TooLarge"),
        ["L113 an endless snapshot"] = ("news", "snapshot", new Answer.Endless(), "TooLarge"),
        ["L113 an endless root"] = ("none", "root", new Answer.Endless(), "TooLarge"),
        ["L113 chunked files are well"] = ("news", "*", new Answer.Chunked(), "fresh"),
        ["L117 500"] = ("none", "*", new Answer.Status(500), "ServerError"),
        ["L117 501"] = ("none", "*", new Answer.Status(501), "ServerError"),
        ["L117 502"] = ("none", "*", new Answer.Status(502), "ServerError"),
        ["L117 504"] = ("none", "*", new Answer.Status(504), "ServerError"),
        ["L117 505"] = ("none", "*", new Answer.Status(505), "ServerError"),
        ["L117 429"] = ("none", "*", new Answer.Status(429), "TooManyRequests"),
        ["L117 429 with a cache"] = ("same", "*", new Answer.Status(429), "stale"),
        ["L118 400"] = ("none", "*", new Answer.Status(400), "Protocol"),
        ["L119 redirect 302"] = ("none", "*", new Answer.Redirect("/elsewhere"), "Protocol"),
        ["L119 redirect 307"] = ("none", "timestamp", new Answer.Redirect("/elsewhere", 307), "Protocol"),
        ["L119 redirect with a cache"] = ("same", "timestamp", new Answer.Redirect("/elsewhere"), "stale"),
    };

    public static TheoryData<string> Rows() => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_server_that_lies_about(string row)
    {
        var (cache, file, lie, result) = Table[row];
        await using var lab = await TrustDataLab.StartAsync();
        await PrepareAsync(lab, cache);
        var before = lab.Disk();
        lab.Server.Lies[file] = lie;

        if (result is "fresh" or "stale")
        {
            var signed = await lab.GetAsync();
            Assert.Equal(result == "stale", signed.Stale);
            Assert.Equal(result == "stale", signed.ServerProblem is not null);
            Assert.Equal(cache == "news" && result == "fresh" ? '3' : '1', signed.Tags.FindTag("1")!.Digest.Hex[0]);
        }
        else
        {
            Assert.Equal(result, FaultOf(await lab.FailAsync()));
            Assert.Equal(before, lab.Disk());
        }

        lab.Server.Lies.Clear();
        lab.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.False((await lab.GetAsync()).Stale);
    }

    [Fact]
    public async Task L046_an_unreachable_server_without_a_cache_is_a_transport_fault_that_names_the_server()
    {
        await using var lab = await TrustDataLab.StartAsync();
        await lab.Server.StopAsync();

        var e = Assert.IsType<TransportException>(await lab.FailAsync());

        Assert.Equal(TransportFault.Unreachable, e.Fault);
        Assert.Equal(
            $"trust server {lab.Server.Url.ToString().TrimEnd('/')} cannot be reached: connection refused and no usable trust data is cached for registry.example.com/team/app",
            e.Message);
        Assert.Equal("", lab.Disk());
    }

    [Fact]
    public async Task L047_a_valid_cache_answers_while_the_server_is_away_also_after_a_restart()
    {
        await using var lab = await TrustDataLab.StartAsync();
        await lab.GetAsync();
        await lab.Server.StopAsync();

        Assert.True((await lab.GetAsync()).Stale);
        lab.Restart();
        var signed = await lab.GetAsync();

        Assert.True(signed.Stale);
        Assert.Contains("connection refused", signed.ServerProblem, StringComparison.Ordinal);
        Assert.Equal(TrustDataLab.Digest1, signed.Tags.FindTag("1")?.Digest.Hex);
    }

    [Fact]
    public async Task L048_a_cache_that_cannot_be_written_does_not_stop_answers()
    {
        await using var lab = await TrustDataLab.StartAsync();
        File.WriteAllText(lab.Options.CacheDirectory, "a file where the directory should be");

        Assert.Equal(TrustDataLab.Digest1, (await lab.GetAsync()).Tags.FindTag("1")?.Digest.Hex);

        // Memory still stops rollback.
        lab.PublishNext();
        await lab.GetAsync();
        lab.Repository.Timestamp.Version = 1;
        lab.Repository.Snapshot.Version = 1;
        lab.Server.Publish(lab.Repository);
        Assert.Equal("Rollback", FaultOf(await lab.FailAsync()));
    }

    internal static string FaultOf(TrustException e) => e switch
    {
        RepositoryException repository => repository.Fault.ToString(),
        TransportException transport => transport.Fault.ToString(),
        _ => e.GetType().Name,
    };

    private static async Task PrepareAsync(TrustDataLab lab, string cache)
    {
        if (cache != "none")
        {
            await lab.GetAsync();
        }

        if (cache == "news")
        {
            lab.Repository.Targets.Delegations[0].Version++;
            lab.PublishNext();
        }
        else if (cache == "new root")
        {
            lab.Repository.RotateRoot(null);
            lab.Repository.Snapshot.Version++;
            lab.Repository.Timestamp.Version++;
            lab.Server.Publish(lab.Repository);
        }

        lab.Server.ForgetRequests();
    }
}
