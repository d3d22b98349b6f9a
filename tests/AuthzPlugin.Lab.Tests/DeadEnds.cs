using System.Security.Cryptography;
using System.Text.Json.Nodes;
using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Lab.Tests;

/// <summary>
/// Every refusal that lasts has a way out, and its message says which (decisions.md, "Trust data and the network"): each test meets the
/// refusal, follows the message to the letter, and is answered again.
/// </summary>
[Collection(LabFixture.Collection)]
public sealed class DeadEnds(LabFixture lab)
{
    private const string Watcher = "watcher";
    private const string StartedAnew = "; if its owner says that they started anew, and only then, run content-trust cache forget ";

    private readonly PluginState _state = new(lab);

    [Fact]
    public Task A_lost_root_key_ends_with_pinning_the_new_one() => lab.TestAsync(async () =>
    {
        await lab.Plugin.RestartAsync(PluginState.Impatient);
        var (lost, image) = await BegunAsync("lost-key");
        var (anew, next) = await BeginAnewAsync(lost, "lost-key-anew");

        var refusal = await lab.ShouldBeRefusedAsync(next, "root-rotation", StartedAnew + lost.Repository);
        await lab.NotaryShouldRefuseAsync(next, Watcher);
        await lab.ShouldBeRefusedAsync(image, "root-rotation");

        // Forgetting alone lifts no pin.
        await _state.FollowAsync(refusal);
        await lab.ShouldBeRefusedAsync(
            next, "wrong-root-key", await anew.RootKeyAsync(), "; compare the key with its owner before you change trust-pinning in daemon.json");

        await lost.PinAsync(await anew.RootKeyAsync());
        await lab.ShouldBeTrustedAsync(next);
        await lab.ShouldBeRefusedByBothAsync(image, "not-signed");
    });

    [Fact]
    public Task A_new_pin_in_place_of_the_old_one_starts_a_new_root_line_and_needs_no_cache_forget() => lab.TestAsync(async () =>
    {
        await lab.Plugin.RestartAsync(PluginState.Impatient);
        var (lost, image) = await BegunAsync("new-line");
        await lab.ShouldBeTrustedAsync(await lost.SignAsync("2"));
        var (anew, next) = await BeginAnewAsync(lost, "new-line-anew");
        await lab.ShouldBeRefusedAsync(next, "root-rotation");

        // The new line begins with lower versions than the old one had.
        await lost.PinAsync(await anew.RootKeyAsync());
        await lab.ShouldBeTrustedAsync(next);
        Assert.DoesNotContain(lab.Plugin.Audit(), r => r.ToString().Contains("cache-forgotten", StringComparison.Ordinal));
        await lab.ShouldBeRefusedByBothAsync(image, "not-signed");
    });

    [Fact]
    public Task With_the_old_and_the_new_root_key_pinned_a_new_beginning_needs_cache_forget() => lab.TestAsync(async () =>
    {
        await lab.Plugin.RestartAsync(PluginState.Impatient);
        var (lost, image) = await BegunAsync("both-pinned");
        var old = await lost.RootKeyAsync();
        var (anew, next) = await BeginAnewAsync(lost, "both-pinned-anew");
        await lost.PinAsync(old, await anew.RootKeyAsync());

        var refusal = await lab.ShouldBeRefusedAsync(next, "root-rotation", StartedAnew + lost.Repository);
        await _state.FollowAsync(refusal);

        await lab.ShouldBeTrustedAsync(next);
        await lab.ShouldBeRefusedByBothAsync(image, "not-signed");
    });

    [Fact]
    public Task Deleted_trust_data_answers_for_its_grace_and_comes_back_by_signing_again() => lab.TestAsync(async () =>
    {
        await lab.Plugin.RestartAsync(PluginState.Impatient);
        var (owner, image) = await BegunAsync("deleted");
        await owner.PinAsync(p => p["deleted-grace"] = "6s", await owner.RootKeyAsync());
        await owner.NotaryAsync("delete", owner.Repository, "--remote");

        (await lab.CreateAsync(image.Reference)).ShouldSucceed();
        Assert.True(lab.Plugin.Audit().Last(r => r.IsCreate && r.Phase == "request").Stale);
        // The notary client goes on with what it has until that expires, for up to two weeks.
        Assert.Equal(image.Digest, await lab.LookupAsync(image, Watcher));
        await lab.NotaryShouldRefuseAsync(image);
        await Wait.UntilAsync("the grace ends", async () => !(await lab.CreateAsync(image.Reference)).Succeeded);
        await lab.ShouldBeRefusedAsync(image, "no-trust-data", "has no trust data for", $"; sign it with docker trust sign {image.Reference}");

        // The same root key, another root: nobody but the owner can say whether that is right.
        Assert.Equal(image.Digest, await lab.LabAsync("sign", image.Reference, owner.Name));
        var refusal = await lab.ShouldBeRefusedAsync(image, "root-rotation", StartedAnew + owner.Repository);
        await _state.FollowAsync(refusal);
        await lab.ShouldBeTrustedAsync(image);
    });

    [Fact]
    public Task A_restored_Notary_database_is_refused_as_rolled_back_until_the_repository_is_forgotten() => lab.TestAsync(async () =>
    {
        await lab.Plugin.RestartAsync(PluginState.Impatient);
        var (owner, image) = await BegunAsync("restored");
        using var files = new NotaryFiles(lab);
        var backup = await files.RecordAsync(owner.Repository);
        var later = await owner.SignAsync("2");
        await lab.ShouldBeTrustedAsync(later, Watcher);
        await using var front = await NotaryFront.StartAsync(lab);
        front.Restore(owner.Repository, backup);

        var refusal = await lab.ShouldBeRefusedAsync(image, "rolled-back", "is lower than", StartedAnew + owner.Repository);
        await lab.NotaryShouldRefuseAsync(image, Watcher);
        foreach (var lost in new[] { _state.Metadata(owner.Repository), _state.Versions(owner.Repository) })
        {
            // Either memory alone is enough.
            await lab.Plugin.StopAsync();
            var kept = await File.ReadAllBytesAsync(lost);
            File.Delete(lost);
            await lab.Plugin.StartAsync(PluginState.Impatient);
            await lab.ShouldBeRefusedAsync(image, "rolled-back");
            await File.WriteAllBytesAsync(lost, kept);
        }

        await _state.FollowAsync(refusal);
        await lab.ShouldBeTrustedAsync(image);
        await lab.ShouldBeRefusedByBothAsync(later, "not-signed");
        Assert.Single(lab.Plugin.AuditLog.Lines, l => l.Contains("cache-forgotten", StringComparison.Ordinal) && l.Contains(owner.Repository, StringComparison.Ordinal));
    });

    [Fact]
    public Task After_a_stolen_timestamp_key_raised_versions_its_rotation_is_enough() => lab.TestAsync(async () =>
    {
        await lab.Plugin.RestartAsync(PluginState.Impatient);
        var (owner, image) = await BegunAsync("fast-forward");
        using var files = new NotaryFiles(lab);
        var forged = await new StolenKeys(lab, files).TimestampAsync(owner.Repository, signed => signed["version"] = 1_000_000);
        await using (var front = await NotaryFront.StartAsync(lab))
        {
            front.Replace(owner.Repository, "timestamp", forged);
            await lab.ShouldBeTrustedAsync(image, Watcher);
        }

        await lab.ShouldBeRefusedAsync(image, "rolled-back", "timestamp version", "is lower than 1000000", StartedAnew + owner.Repository);
        await lab.NotaryShouldRefuseAsync(image, Watcher);

        await owner.RotateAsync("timestamp", "--server-managed");
        await lab.ShouldBeTrustedAsync(image);
        await using (var front = await NotaryFront.StartAsync(lab))
        {
            front.Replace(owner.Repository, "timestamp", forged);
            await lab.ShouldBeRefusedByBothAsync(image, "bad-signature");
        }

        await lab.ShouldBeTrustedAsync(await owner.SignAsync("2"));
    });

    [Fact]
    public Task After_a_stolen_snapshot_key_raised_versions_both_keys_must_be_rotated() => lab.TestAsync(async () =>
    {
        await lab.Plugin.RestartAsync(PluginState.Impatient);
        var (owner, image) = await BegunAsync("fast-forward-both");
        using var files = new NotaryFiles(lab);
        var forged = await new StolenKeys(lab, files).SnapshotAsync(owner.Repository, signed => signed["version"] = 2_000_000);
        await using (var front = await NotaryFront.StartAsync(lab))
        {
            front.Replace(owner.Repository, "timestamp", forged.Timestamp);
            front.Replace(owner.Repository, NameByHash("snapshot", forged.Snapshot), forged.Snapshot);
            await lab.ShouldBeTrustedAsync(image);
        }

        await lab.ShouldBeRefusedAsync(image, "rolled-back", "timestamp version");
        await owner.RotateAsync("timestamp", "--server-managed");
        await lab.ShouldBeRefusedAsync(image, "rolled-back", "snapshot version", "is lower than 2000000", StartedAnew + owner.Repository);
        await owner.RotateAsync("snapshot", "--server-managed");
        await lab.ShouldBeTrustedAsync(image);
    });

    [Fact]
    public Task Expired_trust_data_is_refused_until_the_server_signs_again() => lab.TestAsync(async () =>
    {
        await lab.Plugin.RestartAsync(PluginState.Impatient);
        var (owner, image) = await BegunAsync("expired");
        using var files = new NotaryFiles(lab);
        var expired = await new StolenKeys(lab, files).TimestampAsync(owner.Repository, signed => signed["expires"] = "2020-01-02T03:04:05Z");
        await using (var front = await NotaryFront.StartAsync(lab))
        {
            // A server that stands still: it answers, so the cache does not.
            front.Replace(owner.Repository, "timestamp", expired);
            await lab.ShouldBeRefusedAsync(image, "expired", "timestamp expired at 2020-01-02 03:04:05Z", "; ask the owner to sign again");
            await lab.NotaryShouldRefuseAsync(image);
        }

        await lab.ShouldBeTrustedAsync(await owner.SignAsync("2"));
        await lab.ShouldBeTrustedAsync(image);
    });

    [Fact]
    public Task A_policy_change_takes_effect_on_cached_data_without_asking_the_server() => lab.TestAsync(async () =>
    {
        var (owner, image) = await BegunAsync("policy-now");
        var key = await owner.RootKeyAsync();
        var container = (await lab.Engine.CreateAsync(image.Reference)).ShouldSucceed().Id;
        await lab.LabAsync("pause", "notary");
        try
        {
            await lab.WithPolicyAsync(p => p["trust-pinning"]!["root-keys"] = new JsonObject { ["example.com/*"] = new JsonArray(key) });
            await lab.ShouldBeRefusedAsync(image, "not-pinned", "; add it to trust-pinning.root-keys in daemon.json");
            (await lab.Engine.StartAsync(container)).ShouldBeRefused("may not run");

            await owner.PinAsync(p => p["freshness"] = "10m", key);
            (await lab.CreateAsync(image.Reference)).ShouldSucceed();
            (await lab.Engine.StartAsync(container)).ShouldSucceed();
        }
        finally
        {
            await lab.LabAsync("resume", "notary");
        }

        Assert.All(lab.Plugin.Audit().Where(r => r.Phase != "event"), r => Assert.True(r.Milliseconds < 2000, $"this should not have waited for a server: {r}"));
    });

    /// <summary>A repository that the plugin and the watching notary client know.</summary>
    private async Task<(Publisher Owner, LabImage Image)> BegunAsync(string name)
    {
        var owner = new Publisher(lab, name);
        var image = await owner.BeginAsync();
        await lab.ShouldBeTrustedAsync(image, Watcher);
        return (owner, image);
    }

    /// <summary>Somebody else initialises the repository again; nothing signed by the old root key is left.</summary>
    private async Task<(Publisher Owner, LabImage Image)> BeginAnewAsync(Publisher lost, string name)
    {
        await lab.LabAsync("delete-trust", lost.Repository);
        var anew = new Publisher(lab, name, lost.Name);
        return (anew, await anew.SignAsync("anew"));
    }

    private static string NameByHash(string role, byte[] file) =>
        $"{role}.{Convert.ToHexStringLower(SHA256.HashData(file))}";
}
