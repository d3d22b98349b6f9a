using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Lab.Tests;

/// <summary>Files of the state directory that are harmed while the service is down: never believed, and nothing stays broken.</summary>
[Collection(LabFixture.Collection)]
public sealed class DamagedState(LabFixture lab)
{
    private readonly PluginState _state = new(lab);

    [Theory]
    [InlineData("emptied")]
    [InlineData("truncated")]
    [InlineData("bit flipped")]
    [InlineData("another's")]
    [InlineData("a directory")]
    [InlineData("unreadable")]
    public Task A_damaged_file_is_never_believed_and_bricks_nothing(string harm) => lab.TestAsync(async () =>
    {
        await lab.Plugin.RestartAsync(PluginState.Impatient);
        await lab.WithPolicyAsync(p => p["freshness"] = "0s");
        var name = "damaged-" + harm.Replace(' ', '-').Replace("'", "", StringComparison.Ordinal);
        var files = await lab.SignedAsync(name + "-files", "1");
        var versions = await lab.SignedAsync(name + "-versions", "1");
        var approved = await lab.SignedAsync(name + "-approved", "1");
        var unsigned = await lab.UnsignedAsync(name + "-files", "unsigned");
        var container = (await lab.Engine.CreateAsync(approved.Reference)).ShouldSucceed().Id;
        var other = (await lab.Engine.CreateAsync(versions.Reference)).ShouldSucceed().Id;
        (await lab.CreateAsync(files.Reference)).ShouldSucceed();

        await lab.Plugin.StopAsync();
        Harm(harm, _state.Metadata(files.Repository), _state.Metadata(versions.Repository));
        Harm(harm, _state.Versions(versions.Repository), _state.Versions(files.Repository));
        Harm(harm, _state.Approval(container), _state.Approval(other));
        Harm(harm, _state.Image(approved.Id), _state.Image(versions.Id));
        Harm(harm, _state.Lock(files.Repository), _state.Lock(files.Repository));
        await lab.Plugin.StartAsync(PluginState.Impatient);

        await lab.LabAsync("stop", "notary");
        try
        {
            await lab.ShouldBeRefusedAsync(files, "trust-server-unreachable", "no usable trust data is cached");
            await lab.ShouldBeRefusedAsync(unsigned, "trust-server-unreachable");
        }
        finally
        {
            await lab.LabAsync("start", "notary");
        }

        await Wait.UntilAsync("the server is asked again", async () => (await lab.CreateAsync(versions.Reference)).Succeeded);
        foreach (var image in new[] { files, versions, approved })
        {
            await lab.ShouldBeTrustedAsync(image);
        }

        await lab.ShouldBeRefusedByBothAsync(unsigned, "not-signed");
        (await lab.Engine.StartAsync(container)).ShouldSucceed();
        Assert.Equal("signed", lab.Plugin.Audit().Last(r => r.IsStart && r.Phase == "request").Reason);
        await ForgetAsync(files.Repository);
    });

    [Fact]
    public Task An_emptied_state_directory_costs_only_what_it_held() => lab.TestAsync(async () =>
    {
        await lab.Plugin.RestartAsync(PluginState.Impatient);
        await lab.WithPolicyAsync(p => p["freshness"] = "0s");
        var image = await lab.SignedAsync("emptied", "1");
        var container = (await lab.Engine.CreateAsync(image.Reference)).ShouldSucceed().Id;

        Directory.Delete(_state.Directory, recursive: true);
        (await lab.CreateAsync(image.Reference)).ShouldSucceed();
        (await lab.Engine.StartAsync(container)).ShouldSucceed();

        await lab.Plugin.StopAsync();
        Directory.Delete(_state.Directory, recursive: true);
        await lab.Plugin.StartAsync(PluginState.Impatient);
        await lab.ShouldBeTrustedAsync(image);
        (await lab.DockerAsync("kill", container)).ShouldSucceed();
        (await lab.Engine.StartAsync(container)).ShouldSucceed();
        Assert.Equal("signed", lab.Plugin.Audit().Last(r => r.IsStart && r.Phase == "request").Reason);
    });

    [Fact]
    public Task Versions_that_were_raised_on_disk_are_damage_and_not_believed() => lab.TestAsync(async () =>
    {
        await lab.Plugin.RestartAsync(PluginState.Impatient);
        await lab.WithPolicyAsync(p => p["freshness"] = "0s");
        var image = await lab.SignedAsync("raised", "1");
        await lab.ShouldBeTrustedAsync(image);

        await lab.Plugin.StopAsync();
        var versions = _state.Versions(image.Repository);
        await File.WriteAllTextAsync(versions, (await File.ReadAllTextAsync(versions)).Replace("\"snapshot\": ", "\"snapshot\": 77", StringComparison.Ordinal));
        await lab.Plugin.StartAsync(PluginState.Impatient);

        // The memory has a checksum: a changed digit does not brick an honest repository.
        await lab.ShouldBeTrustedAsync(image);
    });

    // A directory is nothing that the service would remove: it says which one it is.
    private async Task ForgetAsync(string repository)
    {
        var path = _state.Lock(repository);
        if (Directory.Exists(path))
        {
            var result = await _state.ForgetAsync(repository);
            Assert.False(result.Succeeded);
            result.ShouldSay($"content-trust: {repository} was not forgotten: ", path);
            Directory.Delete(path);
        }

        (await _state.ForgetAsync(repository)).ShouldSucceed();
    }

    private static void Harm(string harm, string path, string otherPath)
    {
        var content = File.ReadAllBytes(path);
        switch (harm)
        {
            case "emptied":
                File.WriteAllBytes(path, []);
                break;
            case "truncated":
                File.WriteAllBytes(path, content[..(content.Length / 2)]);
                break;
            case "bit flipped":
                // In the middle of a key id, a hash or a signature, as it happens; an empty lock file has no bits.
                content = content.Length == 0 ? [1] : content;
                content[content.Length / 2] ^= 1;
                File.WriteAllBytes(path, content);
                break;
            case "another's":
                File.WriteAllBytes(path, File.ReadAllBytes(otherPath));
                break;
            case "a directory":
                File.Delete(path);
                Directory.CreateDirectory(path);
                break;
            case "unreadable":
                // Root may read everything except what has no readable bytes: its first page is not mapped.
                File.Delete(path);
                File.CreateSymbolicLink(path, "/proc/self/mem");
                break;
            default:
                throw new ArgumentException("no such harm", nameof(harm));
        }
    }
}
