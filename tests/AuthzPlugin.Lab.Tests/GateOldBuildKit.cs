using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Lab.Tests;

/// <summary>
/// BuildKit before it had source policies: the engine 20.10, which is the only one to run this on. <see cref="GateBuildKit"/> is for all others;
/// tests/run.sh and tests/engines.sh choose.
/// </summary>
[Collection(LabFixture.Collection)]
public sealed class GateOldBuildKit(LabFixture lab)
{
    [Fact]
    public Task An_engine_without_source_policies_and_its_command_line_are_told_the_classic_builder() => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("oldkit", "1");
        var gate = await LabGate.OpenAsync(lab);
        await lab.WithPolicyAsync(p => p["builds"] = "gate");
        var context = new HostFolders(lab).NewFolder();
        await File.WriteAllTextAsync(Path.Combine(context, "Dockerfile"), $"FROM {signed.Reference}\n");
        var told = await gate.ShellAsync($"DOCKER_BUILDKIT=1 docker build {context}");
        Assert.False(told.Succeeded);
        Assert.Contains("DOCKER_BUILDKIT=0", told.Text, StringComparison.Ordinal);

        await using var client = await BuildClient.ConnectAsync(gate.Socket);
        var said = await client.SolveAsync(new AuthzPlugin.Gate.BuildKit.Protocol.SolveRequest { Ref = "x", Definition = BuildClient.Reading($"docker-image://{signed.Reference}") });
        Assert.Contains("does not obey source policies", said, StringComparison.Ordinal);
    });
}

internal static class OldBuildKit
{
    /// <summary>A test that cannot run here says so, and does not pass.</summary>
    public static void ShouldNotBe(LabFixture lab) => Assert.False(
        lab.Env["LAB_ENGINE"].StartsWith("20.", StringComparison.Ordinal), "the engine 20.10 has no source policies; run this with LAB_ENGINE=26.1");
}
