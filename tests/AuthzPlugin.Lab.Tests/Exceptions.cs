using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthzPlugin.Lab.Tests.Support;
using Xunit.Abstractions;

namespace AuthzPlugin.Lab.Tests;

/// <summary>Exceptions of the policy in front of the real engine: one content, until its end, and nothing else.</summary>
[Collection(LabFixture.Collection)]
public sealed class Exceptions(LabFixture lab, ITestOutputHelper output)
{
    private static JsonObject Digest(string digest, DateTimeOffset? expires = null) => new()
    {
        ["digest"] = digest,
        ["reason"] = "OPS-1",
        ["expires"] = (expires ?? DateTimeOffset.UtcNow.AddYears(1)).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
    };

    private Task ExceptAsync(params JsonObject[] exceptions) => lab.WithPolicyAsync(p => p["exceptions"] = new JsonArray([.. exceptions]));

    private Task<CommandResult> AskAsync(params string[] words) =>
        ContentTrust.RunAsync([.. words, "--admin-socket", new PluginState(lab).AdminSocket]);

    [Fact]
    public Task A_built_image_runs_by_its_id_and_another_one_under_its_name_does_not() => lab.TestAsync(async () =>
    {
        var built = await lab.LocalAsync("exceptions1", "1");
        var evil = await lab.LocalAsync("exceptions1", "evil");
        await ExceptAsync(Digest(built.Id));

        (await lab.RunAsync(built.Reference)).ShouldSucceed(built.Text);
        (await lab.RunAsync(built.Id)).ShouldSucceed(built.Text);
        (await lab.RunAsync(evil.Reference)).ShouldBeRefused();
        Assert.All(
            lab.Plugin.Audit().Where(r => r.Answer == "allow"),
            r => Assert.True(r.Outcome == "excepted" && r.Checks.Contains("exception=passed") && r.Checks.Contains("refusal=failed"), r.ToString()));
        Assert.Equal(2, lab.Plugin.Audit().Count(r => r.IsStart && r.Reason == "excepted"));

        (await AskAsync("verify", built.Reference)).ShouldSucceed("excepted", "because OPS-1");
        (await AskAsync("status")).ShouldSucceed("exception", built.Id);
        (await lab.DockerAsync("tag", evil.Reference, built.Reference)).ShouldSucceed();
        (await lab.RunAsync(built.Reference)).ShouldBeRefused();
        (await AskAsync("verify", built.Reference)).ShouldSay("refused");
    });

    [Fact]
    public Task A_name_that_moves_under_creates_starts_nothing_but_the_excepted_content() => lab.TestAsync(async () =>
    {
        var built = await lab.LocalAsync("exceptions6", "1");
        var evil = await lab.LocalAsync("exceptions6", "evil");
        await ExceptAsync(Digest(built.Id));
        var moving = true;
        var mover = Task.Run(async () =>
        {
            while (Volatile.Read(ref moving))
            {
                await lab.DockerAsync("tag", evil.Id, built.Reference);
                await lab.DockerAsync("tag", built.Id, built.Reference);
            }
        });
        var ran = 0;
        for (var i = 0; i < 25; i++)
        {
            var result = await lab.RunAsync(built.Reference);
            Assert.DoesNotContain(evil.Text, result.Text, StringComparison.Ordinal);
            ran += result.Text.Contains(built.Text, StringComparison.Ordinal) ? 1 : 0;
        }

        Volatile.Write(ref moving, false);
        await mover;
        Assert.DoesNotContain(lab.Plugin.Audit(), r => r.IsStart && r.Answer == "allow" && r.Outcome != "excepted");
        output.WriteLine(
            $"figure: exceptions: a name that moves under 25 runs of an excepted image: {ran} ran it, 0 ran the other, {lab.Plugin.Audit().Count(r => r.Reason == "swapped")} swapped creates undone");
    });

    [Fact]
    public Task An_image_that_was_saved_and_loaded_is_the_same_content_and_runs() => lab.TestAsync(async () =>
    {
        var built = await lab.LocalAsync("exceptions2", "1");
        var file = Path.Combine(lab.Root, "exceptions2.tar");
        (await lab.DockerAsync("save", "--output", file, built.Reference)).ShouldSucceed();
        await lab.ForgetAsync(built);
        await ExceptAsync(Digest(built.Id));

        (await lab.DockerAsync("load", "--input", file)).ShouldSucceed();
        (await lab.RunAsync(built.Reference)).ShouldSucceed(built.Text);
    });

    [Fact]
    public Task It_ends_for_a_container_that_was_made_under_it() => lab.TestAsync(async () =>
    {
        var built = await lab.LocalAsync("exceptions3", "1");
        var end = DateTimeOffset.UtcNow.AddSeconds(40);
        await ExceptAsync(Digest(built.Id, end));
        (await lab.DockerAsync("create", "--name", "web", "--network", "none", built.Reference, "sleep", "600")).ShouldSucceed();
        (await lab.DockerAsync("start", "web")).ShouldSucceed();

        await Wait.UntilAsync(
            "it has ended, and what it let run is found",
            () => lab.Plugin.Unasked().Any(r => r.Answer == "report"), TimeSpan.FromSeconds(90));
        Assert.True(DateTimeOffset.UtcNow >= end.AddSeconds(-1), "it ended too early");
        Assert.Contains(lab.Plugin.Log.Lines, l => l.Contains("has no effect", StringComparison.Ordinal));
        (await lab.DockerAsync("restart", "--time", "0", "web")).ShouldBeRefused("may not run");
        (await lab.RunAsync(built.Reference)).ShouldBeRefused();

        // An expired exception is no problem of the file: the next reload takes it.
        await ExceptAsync(Digest(built.Id, end), Digest("sha256:" + new string('0', 64)));
    });

    [Fact]
    public Task A_pulled_digest_runs_and_gets_no_access_to_the_host() => lab.TestAsync(async () =>
    {
        await lab.SignedAsync("exceptions4", "signed");
        var image = await lab.UnsignedAsync("exceptions4", "unsigned");
        await lab.ForgetAsync(image);
        (await lab.DockerAsync("pull", image.ByDigest)).ShouldBeRefused("is not signed");
        await lab.WithPolicyAsync(p =>
        {
            p["exceptions"] = new JsonArray(Digest(image.Digest));
            p["host-access-for"] = new JsonArray($"{lab.Registry}/lab/*");
        });

        (await lab.DockerAsync("pull", image.Reference)).ShouldSucceed();
        (await lab.RunAsync(image.Reference)).ShouldSucceed(image.Text);
        (await lab.RunAsync(image.ByDigest)).ShouldSucceed(image.Text);
        (await lab.DockerAsync("run", "--rm", "--network", "none", "--privileged", image.Reference)).ShouldBeRefused("Privileged");
        Assert.DoesNotContain(lab.Plugin.Audit(), r => r.Outcome == "trusted");
    });

    [Fact]
    public Task A_name_with_any_content_is_what_it_says_and_is_said_everywhere() => lab.TestAsync(async () =>
    {
        var name = $"{lab.Registry}/legacy/exceptions5";
        var built = await lab.LocalAsync("exceptions5", "1");
        var rule = Digest(built.Id);
        rule.Remove("digest");
        rule["image"] = $"{lab.Registry}/legacy/*";
        rule["any-content"] = true;
        await ExceptAsync(rule);
        (await lab.RunAsync(built.Reference)).ShouldBeRefused();
        (await lab.DockerAsync("tag", built.Reference, name + ":1")).ShouldSucceed();

        (await lab.RunAsync(name + ":1")).ShouldSucceed(built.Text);
        (await lab.RunAsync(built.Id)).ShouldBeRefused();
        Assert.Contains(lab.Plugin.Log.Lines, l => l.Contains("whoever may run docker tag here", StringComparison.Ordinal));
        var status = JsonSerializer.Deserialize<JsonElement>((await AskAsync("status", "--json")).Output);
        Assert.Contains(status.GetProperty("policy-warnings").EnumerateArray(), w => w.GetString()!.Contains("whoever may run docker tag here", StringComparison.Ordinal));
        Assert.Contains("any content", Assert.Single(status.GetProperty("exceptions").EnumerateArray()).GetString(), StringComparison.Ordinal);
    });
}
