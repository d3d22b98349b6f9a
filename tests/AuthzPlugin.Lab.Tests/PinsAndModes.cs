using System.Text.Json.Nodes;
using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Lab.Tests;

[Collection(LabFixture.Collection)]
public sealed class PinsAndModes(LabFixture lab)
{
    [Fact]
    public Task A_repository_without_a_pin_is_refused() => lab.TestAsync(async () =>
    {
        var image = await lab.SignedAsync($"{lab.Registry}/elsewhere/app", "1");

        (await lab.RunAsync(image.Reference))
            .ShouldBeRefused($"no root key is pinned for {image.Repository}", "; add it to trust-pinning.root-keys in daemon.json");
        (await lab.DockerAsync("pull", image.Reference)).ShouldBeRefused($"no root key is pinned for {image.Repository}");
    });

    [Fact]
    public Task A_repository_whose_root_key_is_not_the_pinned_one_is_refused() => lab.TestAsync(async () =>
    {
        var image = await lab.SignedAsync("wrong-key", "1");
        await lab.WithPolicyAsync(p => RootKeys(p)[image.Repository] = new JsonArray(new string('a', 64)));

        (await lab.RunAsync(image.Reference)).ShouldBeRefused(image.Reference, "is not trusted", "compare the key with its owner");
        Assert.Equal("wrong-root-key", lab.Plugin.Audit().ShouldHaveOne("the create", r => r.IsCreate).Reason);
    });

    [Fact]
    public Task A_wrong_pin_also_ends_the_trust_in_data_that_was_verified_before() => lab.TestAsync(async () =>
    {
        var image = await lab.SignedAsync("pin-changed", "1");
        var container = (await lab.Engine.CreateAsync(image.Reference)).ShouldSucceed().Id;
        await lab.WithPolicyAsync(p => RootKeys(p)[image.Repository] = new JsonArray(new string('a', 64)));

        (await lab.RunAsync(image.Reference)).ShouldBeRefused("is not trusted");
        (await lab.Engine.StartAsync(container)).ShouldBeRefused("may not run");
    });

    [Fact]
    public Task A_certificate_pin_admits_its_repository_and_no_other_certificate_does() => lab.TestAsync(async () =>
    {
        var image = await lab.SignedAsync($"{lab.Registry}/legacy/app", "1");
        var certificate = await lab.LabAsync("root-cert-id", image.Repository);
        await lab.WithPolicyAsync(p => CertIds(p)[image.Repository] = new JsonArray(certificate));
        (await lab.RunAsync(image.Reference)).ShouldSucceed(image.Text);

        await lab.WithPolicyAsync(p => CertIds(p)[image.Repository] = new JsonArray(new string('b', 64)));
        (await lab.RunAsync(image.Reference)).ShouldBeRefused("is not trusted");
    });

    [Fact]
    public Task Permissive_runs_everything_and_records_what_it_would_deny() => lab.TestAsync(async () =>
    {
        await lab.SignedAsync("permissive5", "signed");
        var image = await lab.UnsignedAsync("permissive5", "unsigned");
        await lab.ForgetAsync(image);
        await lab.WithPolicyAsync(p => p["mode"] = "permissive");

        (await lab.DockerAsync("pull", image.Reference)).ShouldSucceed();
        (await lab.RunAsync(image.Reference)).ShouldSucceed(image.Text);

        var records = lab.Plugin.Audit();
        Assert.All(records, r => Assert.Equal("permissive", r.Mode));
        foreach (var (what, part) in new[] { ("pull", "/images/create"), ("create", "/containers/create"), ("start", "/start") })
        {
            var record = records.ShouldHaveOne($"the {what}", r => r.Phase == "request" && r.Uri.Contains(part, StringComparison.Ordinal));
            Assert.Equal(("would-deny", "refused", "not-signed"), (record.Answer, record.Outcome, record.Reason));
        }
    });

    [Fact]
    public Task A_container_made_while_permissive_does_not_start_when_enforced() => lab.TestAsync(async () =>
    {
        await lab.SignedAsync("permissive6", "signed");
        var image = await lab.UnsignedAsync("permissive6", "kept");
        await lab.WithPolicyAsync(p => p["mode"] = "permissive");
        var container = (await lab.Engine.CreateAsync(image.Reference)).ShouldSucceed().Id;
        await lab.WithPolicyAsync(_ => { });

        (await lab.Engine.StartAsync(container)).ShouldBeRefused("may not run");
    });

    [Fact]
    public Task Disabled_runs_everything_and_records_nothing() => lab.TestAsync(async () =>
    {
        var image = await lab.UnsignedAsync("disabled", "1");
        await lab.ForgetAsync(image);
        await lab.WithPolicyAsync(p => p["mode"] = "disabled");

        (await lab.RunAsync(image.Reference)).ShouldSucceed(image.Text);
        Assert.Empty(lab.Plugin.Audit());
    });

    [Fact]
    public Task A_changed_policy_file_is_taken_without_being_asked_and_a_bad_one_is_not() => lab.TestAsync(async () =>
    {
        await lab.SignedAsync("reloaded", "signed");
        var image = await lab.UnsignedAsync("reloaded", "1");
        (await lab.RunAsync(image.Reference)).ShouldBeRefused();

        var permissive = lab.Stanza;
        permissive["mode"] = "permissive";
        await lab.WriteStanzaAsync(permissive);
        await Wait.UntilAsync("the new policy is in force", () => Reloaded("replaced, mode permissive"));
        (await lab.RunAsync(image.Reference)).ShouldSucceed(image.Text);

        var bad = lab.Stanza;
        bad["mode"] = "enforcd";
        await lab.WriteStanzaAsync(bad);
        await Wait.UntilAsync("the bad policy is refused", () => Reloaded("refused, mode permissive"));
        (await lab.RunAsync(image.Reference)).ShouldSucceed(image.Text);
    });

    [Fact]
    public Task A_bad_policy_at_the_start_answers_reads_and_refuses_the_rest_with_its_first_problem() => lab.TestAsync(async () =>
    {
        var image = await lab.SignedAsync("bad-policy", "1");
        var container = (await lab.Engine.CreateAsync(image.Reference)).ShouldSucceed().Id;
        await lab.Plugin.StopAsync();
        var bad = lab.Stanza;
        bad["mode"] = "enforcd";
        bad["freshnes"] = "10s";
        await lab.WriteStanzaAsync(bad);
        await lab.Plugin.StartAsync();

        (await lab.DockerAsync("ps", "--all")).ShouldSucceed(container[..12]);
        (await lab.DockerAsync("images")).ShouldSucceed(image.Repository);
        foreach (var refused in new[] { "run " + image.Reference, "pull " + image.Reference, "start " + container, "volume create x", "tag " + image.Id + " x" })
        {
            (await lab.DockerAsync(refused.Split(' ')))
                .ShouldBeRefused("the content-trust policy is invalid: ", "(+1 more); run content-trust check-config");
        }

        await lab.WriteStanzaAsync(lab.Stanza);
        await Wait.UntilAsync("the repaired policy is in force", () => Reloaded("replaced, mode enforced"));
        (await lab.RunAsync(image.Reference)).ShouldSucceed(image.Text);
    });

    private static JsonObject RootKeys(JsonObject stanza) => stanza["trust-pinning"]!["root-keys"]!.AsObject();

    private static JsonObject CertIds(JsonObject stanza)
    {
        var pinning = stanza["trust-pinning"]!.AsObject();
        var result = new JsonObject();
        pinning["cert-ids"] = result;
        return result;
    }

    private bool Reloaded(string outcome) =>
        LabPlugin.Reloads(lab.Plugin.Log).Any(line => line.Contains("policy reload: " + outcome, StringComparison.Ordinal));
}
