using System.Text.Json;
using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Lab.Tests;

/// <summary>An administrator's commands against the running service and the real engine.</summary>
[Collection(LabFixture.Collection)]
public sealed class Asking(LabFixture lab)
{
    private Task<CommandResult> RunAsync(params string[] words) =>
        ContentTrust.RunAsync([words[0], "--admin-socket", new PluginState(lab).AdminSocket, .. words[1..]]);

    [Fact]
    public Task Verify_shows_every_check_and_ends_as_the_decision() => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("asking1", "1");
        var unsigned = await lab.UnsignedAsync("asking1", "2");

        var good = await RunAsync("verify", signed.Reference);
        good.ShouldSucceed($"{signed.Reference}: trusted (signed)", "passed   pin", "passed   root", "passed   tag", "passed   local-digest", signed.Digest);

        var both = await RunAsync("verify", signed.Reference, unsigned.Reference, "--json");
        Assert.Equal(1, both.ExitCode);
        Assert.Equal(["trusted", "refused"], JsonDocument.Parse(both.Output).RootElement.EnumerateArray().Select(d => d.GetProperty("outcome").GetString()));

        Assert.Equal(0, (await RunAsync("verify", "--offline", signed.Reference)).ExitCode);
        var later = await RunAsync("verify", "--at", "2099-01-01T00:00:00Z", signed.Reference);
        Assert.Equal(1, later.ExitCode);
        Assert.Contains("expired", later.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("verify", signed.Reference)).ExitCode);
        Assert.DoesNotContain(lab.Plugin.Audit(), r => r.Uri.Length == 0);
    });

    [Fact]
    public Task Explain_tries_a_policy_before_it_is_in_force() => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("asking2", "1");
        var policy = Path.Combine(lab.Root, "other-policy.json");
        var stanza = lab.Stanza;
        stanza["host-access"] = "allow";
        await File.WriteAllTextAsync(policy, stanza.ToJsonString());

        Assert.Equal(0, (await RunAsync("explain", "--", "docker", "run", signed.Reference)).ExitCode);
        var refused = await RunAsync("explain", "--", "docker", "run", "--privileged", signed.Reference);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("HostConfig.Privileged", refused.Output, StringComparison.Ordinal);
        (await RunAsync("explain", "--policy", policy, "--", "docker", "run", "--privileged", signed.Reference)).ShouldSucceed("trusted (signed)");
        (await RunAsync("explain", "--uri", "/v1.41/containers/json")).ShouldSucceed("it changes nothing");
        Assert.Empty(await lab.Engine.ContainersAsync());

        await File.WriteAllTextAsync(policy, "{\"mode\":\"enforce\"}");
        var bad = await RunAsync("explain", "--policy", policy, "--", "docker", "pull", signed.Reference);
        Assert.Equal(1, bad.ExitCode);
        Assert.Contains("is no policy", Assert.Single(bad.Errors.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    });

    [Fact]
    public Task Keys_shows_what_to_pin_and_that_the_network_proves_nothing() => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("asking3", "1");
        var keys = await RunAsync("keys", signed.Reference);
        keys.ShouldSucceed(lab.RootKey + "  (pinned)", $"\"{signed.Repository}\": [\"{lab.RootKey}\"]", "prove nothing");

        var none = await RunAsync("keys", $"{lab.Registry}/lab/nobody:1");
        Assert.Equal(1, none.ExitCode);
        Assert.Single(none.Errors.TrimEnd('\n').Split('\n'));
    });

    [Fact]
    public Task Report_leads_from_permissive_to_enforced() => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("asking4", "1");
        var unsigned = await lab.UnsignedAsync("asking4", "2");
        await lab.WithPolicyAsync(p => p["mode"] = "permissive");
        (await lab.RunAsync(unsigned.Reference)).ShouldSucceed();
        (await lab.DockerAsync("run", "--detach", "--name", "would-be-refused", "--network", "none", unsigned.Reference, "sleep", "600")).ShouldSucceed();

        var report = await RunAsync("report", "--audit-file", lab.Plugin.AuditLog.Path);
        Assert.Equal(1, report.ExitCode);
        Assert.Contains($"not-signed: {unsigned.Reference}", report.Output, StringComparison.Ordinal);

        var host = await RunAsync("report", "--host");
        Assert.Equal(1, host.ExitCode);
        Assert.Contains("1 run that would not be allowed to start", host.Output, StringComparison.Ordinal);
        Assert.Contains("refused   would-be-refused (running)", host.Output, StringComparison.Ordinal);
        Assert.Contains($"trusted   {signed.Reference}", host.Output, StringComparison.Ordinal);
    });

    [Fact]
    public Task The_audit_log_of_a_working_service_verifies_and_a_changed_copy_does_not() => lab.TestAsync(async () =>
    {
        await lab.ShouldBeTrustedAsync(await lab.SignedAsync("asking5", "1"));
        await lab.Plugin.RestartAsync();

        var good = await ContentTrust.RunAsync(["audit", "verify", "--file", lab.Plugin.AuditLog.Path]);
        good.ShouldSucceed("the chain is whole");

        var copy = Path.Combine(lab.Root, "copy.log");
        var text = await File.ReadAllTextAsync(lab.Plugin.AuditLog.Path);
        await File.WriteAllTextAsync(copy, text.Replace("\"outcome\":\"trusted\"", "\"outcome\":\"refused\"", StringComparison.Ordinal));
        var changed = await ContentTrust.RunAsync(["audit", "verify", "--file", copy]);
        Assert.Equal(1, changed.ExitCode);
        Assert.Contains("that one was changed", changed.Output, StringComparison.Ordinal);

        (await ContentTrust.RunAsync(["audit", "show", "--file", lab.Plugin.AuditLog.Path, "--image", "asking5", "--outcome", "trusted"])).ShouldSucceed("asking5:1");
    });

    [Fact]
    public Task Break_glass_lets_everything_run_until_its_time_is_up_also_after_a_restart() => lab.TestAsync(async () =>
    {
        await lab.SignedAsync("asking6", "0");
        var unsigned = await lab.UnsignedAsync("asking6", "1");
        (await lab.RunAsync(unsigned.Reference)).ShouldBeRefused("is not signed");

        (await RunAsync("break-glass", "--for", "15s", "--reason", "the registry is down")).ShouldSucceed("permissive until");
        (await lab.RunAsync(unsigned.Reference)).ShouldSucceed();
        (await RunAsync("status")).ShouldSucceed("BREAK GLASS", "the registry is down");
        await lab.Plugin.RestartAsync();
        (await lab.RunAsync(unsigned.Reference)).ShouldSucceed();

        await Wait.UntilAsync("it closes by itself", () => lab.Plugin.AuditLog.Lines.Any(l => l.Contains("break-glass-closed", StringComparison.Ordinal)), TimeSpan.FromSeconds(30));
        (await lab.RunAsync(unsigned.Reference)).ShouldBeRefused("is not signed");

        (await RunAsync("break-glass", "--for", "10m", "--reason", "again")).ShouldSucceed();
        (await RunAsync("break-glass", "--end")).ShouldSucceed("in force again");
        (await lab.RunAsync(unsigned.Reference)).ShouldBeRefused("is not signed");
        Assert.Equal(2, lab.Plugin.AuditLog.Lines.Count(l => l.Contains("\"break-glass-opened\"", StringComparison.Ordinal)));
    });

    [Theory]
    [InlineData("without a time", "--reason x", 64)]
    [InlineData("without a reason", "--for 10m", 64)]
    [InlineData("for ever", "--for 999h --reason x", 1)]
    [InlineData("for no time", "--for 0s --reason x", 1)]
    public Task Break_glass_needs_a_time_and_a_reason(string row, string words, int exit) => lab.TestAsync(async () =>
    {
        var result = await RunAsync(["break-glass", .. words.Split(' ')]);
        Assert.True(result.ExitCode == exit, $"{row}: {result}");
        Assert.Single(result.Errors.TrimEnd('\n').Split('\n'));
    });
}
