using System.Net;
using System.Text.RegularExpressions;
using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Lab.Tests;

/// <summary>A pull through the gate: by the signed digest, and told as docker tells a pull of the tag.</summary>
[Collection(LabFixture.Collection)]
public sealed partial class GatePulls(LabFixture lab)
{
    [Fact]
    public Task What_the_user_sees_of_a_pull_is_what_docker_shows_directly() => lab.TestAsync(async () =>
    {
        var gate = await LabGate.OpenAsync(lab);
        var image = await lab.SignedAsync("gatepull1", "1");
        async Task<(string, string)> PullAsync(string socket)
        {
            using var api = new EngineApi(socket);
            var answer = await api.PostAsync($"/v1.41/images/create?fromImage={Uri.EscapeDataString(image.Repository)}&tag=1");
            return (answer.ShouldSucceed().Body, await TagsAsync(image));
        }

        await lab.ForgetAsync(image);
        var direct = await PullAsync(lab.Env["LAB_ENGINE_SOCKET"]);
        var directAgain = await PullAsync(lab.Env["LAB_ENGINE_SOCKET"]);
        await lab.ForgetAsync(image);
        var through = await PullAsync(gate.Socket);
        var throughAgain = await PullAsync(gate.Socket);

        Assert.Equal(Steps(direct.Item1), Steps(through.Item1));
        Assert.Equal(directAgain.Item1, throughAgain.Item1);
        Assert.Equal(direct.Item2, through.Item2);
        Assert.Equal(directAgain.Item2, throughAgain.Item2);
        (await gate.DockerAsync("run", "--rm", "--network", "none", image.Reference)).ShouldSucceed(image.Text);
        var pull = lab.Plugin.Audit().Last(r => r.Uri.Contains("/images/create", StringComparison.Ordinal));
        Assert.Contains("tag=sha256%3A" + image.Digest["sha256:".Length..], pull.Uri, StringComparison.Ordinal);
    });

    [Fact]
    public Task A_tag_that_the_registry_moved_is_pulled_as_it_was_signed() => lab.TestAsync(async () =>
    {
        var gate = await LabGate.OpenAsync(lab);
        var signed = await lab.SignedAsync("gatepull2", "1");
        var moved = await lab.UnsignedAsync("gatepull2", "1");
        (await lab.DockerAsync("pull", signed.Reference)).ShouldBeRefused("docker pull");

        (await gate.DockerAsync("pull", signed.Reference)).ShouldSucceed(signed.Digest, $"Status: Downloaded newer image for {signed.Reference}");
        (await gate.DockerAsync("run", "--rm", "--network", "none", signed.Reference)).ShouldSucceed(signed.Text);
        Assert.NotEqual(signed.Digest, moved.Digest);
    });

    [Fact]
    public Task A_refusal_has_the_plugins_sentence() => lab.TestAsync(async () =>
    {
        var gate = await LabGate.OpenAsync(lab);
        await lab.SignedAsync("gatepull3", "signed");
        var image = await lab.UnsignedAsync("gatepull3", "unsigned");
        await lab.ForgetAsync(image);
        foreach (var reference in new[] { image.Reference, image.ByDigest, $"{lab.Registry}/other/x:1" })
        {
            var direct = await gate.DirectAsync("pull", reference);
            var through = await gate.DockerAsync("pull", reference);
            direct.ShouldBeRefused();
            Assert.Equal(direct.Errors, through.Errors);
        }

        (await gate.DockerAsync("pull", "-a", image.Repository)).ShouldBeRefused("names every tag");
    });

    [Fact]
    public Task The_callers_login_reaches_the_registry_and_a_pull_that_fails_sets_no_tag() => lab.TestAsync(async () =>
    {
        var gate = await LabGate.OpenAsync(lab);
        var image = await lab.SignedAsync("gatepull4", "1");
        await lab.ForgetAsync(image);
        using var api = gate.Api();
        await lab.LabAsync("stop", "registry");
        try
        {
            var answer = await api.PostAsync($"/images/create?fromImage={Uri.EscapeDataString(image.Repository)}&tag=1");
            Assert.True(answer.Status == HttpStatusCode.InternalServerError || answer.Body.Contains("\"error\":", StringComparison.Ordinal), $"{answer}");
            Assert.Equal("", await TagsAsync(image));
        }
        finally
        {
            await lab.LabAsync("start", "registry");
        }

        (await gate.DockerAsync("pull", image.Reference)).ShouldSucceed();
    });

    private async Task<string> TagsAsync(LabImage image) =>
        (await lab.DockerAsync("images", "--digests", "--format", "{{.Repository}}:{{.Tag}}@{{.Digest}} {{.ID}}", image.Repository)).Output;

    // Progress bars and their timing differ from pull to pull; what stays is which steps there were.
    private static string[] Steps(string progress) =>
        [.. progress.Split("\r\n").Select(l => ProgressBar().Replace(l, "")).Where(l => !l.Contains("\"Downloading\"", StringComparison.Ordinal)
            && !l.Contains("\"Extracting\"", StringComparison.Ordinal) && !l.Contains("Verifying Checksum", StringComparison.Ordinal)
            && !l.Contains("Download complete", StringComparison.Ordinal)).Distinct()];

    [GeneratedRegex("\"progressDetail\":\\{[^}]*\\},?(\"progress\":\"[^\"]*\",?)?")]
    private static partial Regex ProgressBar();
}
