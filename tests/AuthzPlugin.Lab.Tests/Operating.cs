using System.Text.Json;
using System.Text.Json.Nodes;
using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Lab.Tests;

/// <summary>What an administrator is told of a real engine: by <c>status</c>, <c>check-config</c>, <c>report</c>, and at the switch to enforced.</summary>
[Collection(LabFixture.Collection)]
public sealed class Operating(LabFixture lab)
{
    private Task<CommandResult> RunAsync(params string[] words) =>
        ContentTrust.RunAsync([.. words, "--admin-socket", new PluginState(lab).AdminSocket, "--audit-file", lab.Plugin.AuditLog.Path]);

    [Fact]
    public Task Status_knows_the_engine_the_trust_server_and_what_expires() => lab.TestAsync(async () =>
    {
        var image = await lab.SignedAsync("operating1", "1");
        await lab.ShouldBeTrustedAsync(image);

        var status = JsonDocument.Parse((await RunAsync("status", "--json", "--expiring-within", "36500")).ShouldSucceed().Output).RootElement;

        Assert.Contains(status.GetProperty("engine").GetProperty("image-store").GetString(), (string[])["classic", "containerd"]);
        Assert.True(status.GetProperty("decisions").GetProperty("trusted").GetInt64() > 0);
        var server = Assert.Single(status.GetProperty("trust-servers").EnumerateArray(), s => s.GetProperty("server").GetString()!.StartsWith(lab.Env["LAB_NOTARY"], StringComparison.Ordinal));
        Assert.True(server.GetProperty("latency-ms").GetDouble() > 0 && server.GetProperty("last-success").GetDateTimeOffset() <= DateTimeOffset.UtcNow);
        Assert.Contains(status.GetProperty("cache").GetProperty("expiring").EnumerateArray(), e => e.GetProperty("repository").GetString() == image.Repository);
        (await RunAsync("status")).ShouldSucceed("engine       ", " image store", "in ", "the first expires", "last reload  ");
    });

    [Fact]
    public Task Check_config_names_pins_that_match_nothing_on_this_host() => lab.TestAsync(async () =>
    {
        var image = await lab.SignedAsync("operating2", "1");
        await lab.ShouldBeTrustedAsync(image);
        var file = Path.Combine(lab.Root, "operating.json");
        var stanza = lab.Stanza;
        stanza["trust-pinning"]!["root-keys"]![$"{lab.Registry}/misspelt/*"] = new JsonArray(lab.RootKey);
        await File.WriteAllTextAsync(file, stanza.ToJsonString());

        var found = await RunAsync("check-config", file);

        found.ShouldSucceed($"\"{lab.Registry}/misspelt/*\", which matches no repository");
        Assert.DoesNotContain($"\"{lab.Registry}/lab/*\", which", found.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("was not looked at", found.Output, StringComparison.Ordinal);
    });

    [Fact]
    public Task Report_has_the_lines_that_admit_what_a_pinned_key_signed_and_the_switch_to_enforced_lists_the_host() => lab.TestAsync(async () =>
    {
        // The list has an end, and other tests leave many images.
        (await lab.DockerAsync("image", "prune", "--all", "--force")).ShouldSucceed();
        var pinned = await lab.SignedAsync("operating3", "1");
        var foreign = await lab.SignedAsync("operating4", "1");
        void OnlyOne(JsonObject p, string mode)
        {
            p["mode"] = mode;
            p["trust-pinning"]!["root-keys"] = new JsonObject { [pinned.Repository] = new JsonArray(lab.RootKey) };
        }

        await lab.WithPolicyAsync(p => OnlyOne(p, "permissive"));
        (await lab.RunAsync(foreign.Reference)).ShouldSucceed();
        (await lab.DockerAsync("create", "--name", "sleeping", "--network", "none", foreign.Reference)).ShouldSucceed();

        var report = await RunAsync("report");
        Assert.Equal(1, report.ExitCode);
        report.ShouldSay($"to admit it, in trust-pinning: \"root-keys\": {{ \"{foreign.Repository}\": [\"{lab.RootKey}\"] }}");
        Assert.DoesNotContain("to admit it", (await RunAsync("report", "--offline")).Output, StringComparison.Ordinal);

        lab.Plugin.Log.Mark();
        await lab.WithPolicyAsync(p => OnlyOne(p, "enforced"));
        await Wait.UntilAsync("the host is listed", () => lab.Plugin.Log.Lines.Any(l => l.Contains("the mode became enforced: ", StringComparison.Ordinal)), TimeSpan.FromSeconds(60));
        var said = lab.Plugin.Log.Lines;
        Assert.Contains(said, l => l.Contains($"refused from now on: image {foreign.Reference}", StringComparison.Ordinal));
        Assert.Contains(said, l => l.Contains("refused from now on: container sleeping: ", StringComparison.Ordinal));
        Assert.DoesNotContain(said, l => l.Contains($"refused from now on: image {pinned.Reference}", StringComparison.Ordinal));
        Assert.Single(lab.Plugin.AuditLog.Lines, l => l.Contains("\"event\":\"host-listed\"", StringComparison.Ordinal));
    });
}
