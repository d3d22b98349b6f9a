using System.Text;
using AuthzPlugin.Enforcement.Revocation;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.Notation;
using AuthzPlugin.Trust.Notation.Revocation;

namespace AuthzPlugin.Enforcement.Tests.Revocation;

/// <summary>What is asked about revocation, what comes of the answers, and what is remembered of them.</summary>
public sealed class AskingForRevocation
{
    [Fact]
    public async Task A_good_answer_counts_until_its_end_and_is_asked_for_once()
    {
        await using var lab = new RevocationLab();
        var verdict = await lab.ExamineAsync();
        Assert.True(verdict.IsValid, verdict.Detail);
        Assert.Equal(lab.Now.AddHours(8), verdict.CountsUntil);
        Assert.Equal(["POST /ocsp"], lab.Server.Requests);

        lab.Time.Advance(TimeSpan.FromHours(7));
        Assert.True((await lab.ExamineAsync()).IsValid);
        Assert.Single(lab.Server.Requests);
        lab.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(lab.Now.AddHours(8), (await lab.ExamineAsync()).CountsUntil);
        Assert.Equal(["POST /ocsp", "POST /ocsp"], lab.Server.Requests);
    }

    [Fact]
    public async Task A_revoked_answer_is_not_forgotten_before_its_end()
    {
        await using var lab = new RevocationLab();
        lab.Respond("revoked", r => r with { Until = lab.Now.AddDays(3) });
        var verdict = await lab.ExamineAsync();
        Assert.Equal((false, false), (verdict.IsValid, verdict.IsUndecided));
        Assert.Contains("was revoked", verdict.Detail, StringComparison.Ordinal);

        lab.Respond("good");
        lab.Time.Advance(TimeSpan.FromDays(2));
        Assert.Contains("was revoked", (await lab.ExamineAsync()).Detail, StringComparison.Ordinal);

        // For another policy with other hosts too.
        lab.Demand = lab.MakeDemand("enforce", "elsewhere.example.com");
        Assert.Contains("was revoked", (await lab.ExamineAsync()).Detail, StringComparison.Ordinal);
        Assert.Single(lab.Server.Requests);
    }

    [Fact]
    public async Task A_list_is_downloaded_where_there_is_no_responder_or_it_knows_nothing()
    {
        await using var lab = new RevocationLab();
        lab.Respond("unknown");
        Assert.Equal(lab.Now.AddDays(7), (await lab.ExamineAsync()).CountsUntil);
        Assert.Equal(["POST /ocsp", "GET /acme.crl"], lab.Server.Requests);

        await using var other = new RevocationLab(hasOcsp: false);
        Assert.True((await other.ExamineAsync()).IsValid);
        other.Time.Advance(TimeSpan.FromHours(25));
        other.List(other.Leaf);
        var revoked = await other.ExamineAsync();
        Assert.Equal((false, false), (revoked.IsValid, revoked.IsUndecided));
        Assert.Equal(["GET /acme.crl", "GET /acme.crl"], other.Server.Requests);

        // A list that is out of date still revokes when there is no newer one.
        other.Server.SetRaw(RevocationLab.Crl, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
        other.Time.Advance(TimeSpan.FromDays(30));
        Assert.Contains("was revoked", (await other.ExamineAsync()).Detail, StringComparison.Ordinal);
        await other.RestartAsync();
        Assert.Contains("was revoked", (await other.ExamineAsync()).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_hosts_of_the_policy_are_asked()
    {
        await using var lab = new RevocationLab();
        lab.Demand = lab.MakeDemand("enforce", "ocsp.example.com", "127.0.0.1", "127.0.0.1:1");
        var verdict = await lab.ExamineAsync();
        Assert.Equal((false, false), (verdict.IsValid, verdict.IsUndecided));
        Assert.Contains($"it names only {lab.Server.Host}, which revocation-hosts does not list", verdict.Detail, StringComparison.Ordinal);

        lab.Demand = lab.MakeDemand("log", "ocsp.example.com");
        var logged = await lab.ExamineAsync();
        Assert.True(logged.IsValid);
        Assert.Contains("only logged: the certificate of CN=signer", logged.Detail, StringComparison.Ordinal);
        Assert.Empty(lab.Server.Requests);

        lab.Signer = lab.Signer with { Chain = [TestCertificate.Make(new CertificateShape { RevocationUri = "ldap://x/y" }, lab.Root), lab.Root] };
        lab.Demand = lab.MakeDemand("enforce");
        Assert.Contains("no place of http or https", (await lab.ExamineAsync()).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Skipped_revocation_asks_nobody_and_logged_one_says_what_it_learned()
    {
        await using var lab = new RevocationLab(revocation: "skip");
        lab.Respond("revoked");
        Assert.True((await lab.ExamineAsync()).IsValid);
        Assert.Empty(lab.Server.Requests);
        lab.Demand = lab.MakeDemand("log");
        var logged = await lab.ExamineAsync();
        Assert.True(logged.IsValid);
        Assert.Contains("only logged: the certificate of CN=signer,O=Acme,L=Seattle,ST=WA,C=US was revoked", logged.Detail, StringComparison.Ordinal);
        Assert.Null((await lab.ExamineAsync(lab.Signer with { Expiry = lab.Now.AddDays(-30) })).Signer);
    }

    [Fact]
    public async Task Who_is_not_trusted_makes_this_host_ask_nobody()
    {
        await using var lab = new RevocationLab();
        var stranger = NotationSigner.Make(new CertificateShape { Responders = [lab.Server.Url("/ocsp")] });
        Assert.False((await lab.ExamineAsync(stranger)).IsValid);
        Assert.Empty(lab.Server.Requests);
    }

    [Fact]
    public async Task Sixteen_at_once_share_one_request()
    {
        await using var lab = new RevocationLab(hasList: false);
        var gate = new TaskCompletionSource();
        var answer = lab.Server.Answers[RevocationLab.Ocsp];
        lab.Server.Answers[RevocationLab.Ocsp] = async (body, stream, cancellation) =>
        {
            await gate.Task.WaitAsync(cancellation);
            await answer(body, stream, cancellation);
        };
        var waiting = Enumerable.Range(0, 16).Select(_ => lab.ExamineAsync()).ToArray();
        gate.SetResult();
        Assert.All(await Task.WhenAll(waiting), v => Assert.True(v.IsValid, v.Detail));
        Assert.Single(lab.Server.Requests);
    }

    [Fact]
    public async Task A_failure_is_remembered_for_seconds()
    {
        await using var lab = new RevocationLab(hasList: false);
        lab.Server.Answers.Clear();
        for (var i = 0; i < 5; i++)
        {
            var verdict = await lab.ExamineAsync();
            Assert.Equal((false, true), (verdict.IsValid, verdict.IsUndecided));
            Assert.Contains("404", verdict.Detail, StringComparison.Ordinal);
        }

        Assert.Single(lab.Server.Requests);
        lab.Time.Advance(TimeSpan.FromSeconds(3));
        lab.Respond("good");
        Assert.True((await lab.ExamineAsync()).IsValid);
        Assert.Equal(2, lab.Server.Requests.Count);
    }

    [Fact]
    public async Task An_answer_of_many_days_is_asked_for_again_every_day_and_counts_on_when_that_fails()
    {
        await using var lab = new RevocationLab(hasList: false);
        lab.Respond("good", r => r with { Until = lab.Now.AddDays(7) });
        Assert.True((await lab.ExamineAsync()).IsValid);
        var end = lab.Now.AddDays(7);
        lab.Server.Answers.Clear();
        lab.Time.Advance(TimeSpan.FromHours(25));
        Assert.Equal((true, end), ((await lab.ExamineAsync()) is var v && v.IsValid, v.CountsUntil));
        Assert.Equal(2, lab.Server.Requests.Count);
        lab.Time.Advance(TimeSpan.FromDays(6));
        Assert.True((await lab.ExamineAsync()).IsUndecided);
        lab.Respond("revoked");
        lab.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Contains("was revoked", (await lab.ExamineAsync()).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_older_list_does_not_take_the_place_of_a_newer_one()
    {
        await using var lab = new RevocationLab(hasOcsp: false);
        var before = lab.Root.List(lab.Now.AddDays(-1), lab.Now.AddDays(9));
        lab.List(lab.Leaf);
        Assert.Contains("was revoked", (await lab.ExamineAsync()).Detail, StringComparison.Ordinal);
        lab.Server.Set(RevocationLab.Crl, () => before);
        foreach (var days in new[] { 2, 6 })
        {
            lab.Time.Advance(TimeSpan.FromDays(days));
            Assert.Contains("was revoked", (await lab.ExamineAsync()).Detail, StringComparison.Ordinal);
            await lab.RestartAsync();
            Assert.Contains("was revoked", (await lab.ExamineAsync()).Detail, StringComparison.Ordinal);
        }

        Assert.True(lab.Server.Requests.Count > 2);
    }

    [Fact]
    public async Task Lists_are_kept_on_disk_for_root_alone_and_verified_anew()
    {
        await using var lab = new RevocationLab(hasOcsp: false);
        Assert.True((await lab.ExamineAsync()).IsValid);
        var file = Assert.Single(Directory.GetFiles(lab.Options.Directory!));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));

        await lab.RestartAsync();
        Assert.True((await lab.ExamineAsync()).IsValid);
        Assert.Single(lab.Server.Requests);

        // What somebody else signed, what is damaged and what is too large is as if it were not there.
        foreach (var bytes in new[] { TestCertificate.Make(CertificateShape.Authority()).List(lab.Now, lab.Now.AddDays(7)), "garbage"u8.ToArray(), new byte[RevocationList.MaxBytes + 1] })
        {
            File.WriteAllBytes(file, bytes);
            lab.Server.ForgetRequests();
            await lab.RestartAsync();
            Assert.True((await lab.ExamineAsync()).IsValid);
            Assert.Equal(["GET /acme.crl"], lab.Server.Requests);
        }

        File.Delete(file);
        lab.Connection = lab.Connection with { ReadOnly = true };
        await lab.RestartAsync();
        Assert.True((await lab.ExamineAsync()).IsValid);
        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task Lists_on_disk_are_bounded()
    {
        await using var lab = new RevocationLab(options: new RevocationOptions { DiskBytes = 2000 });
        var files = new ListFiles(lab.Options.Directory, 2000, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var list = lab.Root.List(lab.Now, lab.Now.AddDays(1));
        for (var i = 0; i < 20; i++)
        {
            files.Keep($"{i}", list, lab.Now.AddSeconds(i));
        }

        Assert.True(new DirectoryInfo(lab.Options.Directory!).GetFiles().Sum(f => f.Length) <= 2000);
        Assert.Null(files.Find("0"));
        Assert.Equal(lab.Now.AddSeconds(19), files.Find("19")!.Value.At);
    }

    [Fact]
    public void Memory_is_bounded_and_forgets_revocations_last()
    {
        var (memory, now) = (new RevocationMemory(8, 1000), DateTimeOffset.UnixEpoch);
        memory.Keep("revoked", new RevocationFind(null, null, "", IsRevoked: true, now, now, 100));
        for (var i = 0; i < 100; i++)
        {
            memory.Keep($"{i}", new RevocationFind(null, null, "", IsRevoked: false, now, now, 200));
            Assert.True(memory.Size is { Items: <= 8, Bytes: <= 1000 });
        }

        Assert.NotNull(memory.Find("revoked"));
        Assert.NotNull(memory.Find("99"));
        memory.Keep("giant", new RevocationFind(null, null, "", IsRevoked: false, now, now, 1001));
        Assert.Null(memory.Find("giant"));
        for (var i = 0; i < 20; i++)
        {
            memory.Keep($"r{i}", new RevocationFind(null, null, "", IsRevoked: true, now, now, 10));
        }

        Assert.Equal(8, memory.Size.Items);
        memory.Keep("good", new RevocationFind(null, null, "", IsRevoked: false, now, now, 10));
        Assert.Null(memory.Find("good"));
        Assert.NotNull(memory.Find("r19"));
    }

    [Fact]
    public async Task The_certificates_of_a_timestamp_are_asked_about_as_well()
    {
        await using var lab = new RevocationLab(hasList: false);
        var clock = TestTimestamps.Make(lab.Now.AddDays(-1), CertificateShape.Timestamps() with { Responders = [lab.Server.Url("/tsa")] });
        var json = NotationFolder.Statement(stores: ["ca:acme", "tsa:clock"], overrides: []);
        var file = new System.Text.Json.Nodes.JsonObject { ["version"] = "1.0", ["trustPolicies"] = new System.Text.Json.Nodes.JsonArray(json) };
        Assert.True(NotationTrustPolicy.TryRead(Encoding.UTF8.GetBytes(file.ToJsonString()), out var policy, out _));
        var stores = lab.Demand.Stores.ToDictionary();
        stores[new(NotationStoreKind.Timestamps, "clock")] = NotationCertificate.ReadFile(clock.Chain[1].Der, 1, out _);
        lab.Demand = lab.Demand with { TrustPolicy = policy, Statements = policy.Statements, Stores = System.Collections.Frozen.FrozenDictionary.ToFrozenDictionary(stores) };
        lab.Signer = lab.Signer with { Timestamp = clock.Sign };

        Assert.True((await lab.ExamineAsync()).IsUndecided);
        lab.Time.Advance(TimeSpan.FromSeconds(3));
        lab.Server.ForgetRequests();
        var ends = lab.Now.AddHours(2);
        lab.Server.Set("/tsa", () => new TestOcsp { Issuer = clock.Chain[1], From = lab.Now, Until = ends }.Answer(clock.Chain[0]));
        var verdict = await lab.ExamineAsync();
        Assert.True(verdict.IsValid, verdict.Detail);
        Assert.Equal(ends, verdict.CountsUntil);
        Assert.Equal(["POST /tsa", "POST /ocsp"], lab.Server.Requests);
    }
}
