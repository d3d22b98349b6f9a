using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Lab.Tests;

/// <summary><c>content-trust cache forget</c>, as an administrator and as somebody else.</summary>
[Collection(LabFixture.Collection)]
public sealed class Forgetting(LabFixture lab)
{
    private readonly PluginState _state = new(lab);

    [Fact]
    public Task A_known_repository_is_forgotten_once_and_that_is_on_record() => lab.TestAsync(async () =>
    {
        var image = await lab.SignedAsync("forgotten", "1");
        await lab.ShouldBeTrustedAsync(image);
        Assert.True(File.Exists(_state.Metadata(image.Repository)) && File.Exists(_state.Versions(image.Repository)));

        (await _state.ForgetAsync(image.Repository)).ShouldSucceed($"forgot the trust data and the versions of {image.Repository}");

        Assert.False(File.Exists(_state.Metadata(image.Repository)) || File.Exists(_state.Versions(image.Repository)));
        (await _state.ForgetAsync(image.Repository)).ShouldSucceed($"nothing was known of {image.Repository}");
        Assert.Equal(2, lab.Plugin.AuditLog.Lines.Count(l =>
            l.Contains("\"cache-forgotten\"", StringComparison.Ordinal) && l.Contains($"\"{image.Repository}\"", StringComparison.Ordinal)));
        await lab.ShouldBeTrustedAsync(image);
    });

    [Theory]
    [InlineData("")]
    [InlineData("localhost:5000/lab/app:1")]
    [InlineData("localhost:5000/lab/app@sha256:0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("app/UPPER")]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("a b\nc")]
    [InlineData("a/b?repository=c/d")]
    public Task A_name_that_is_no_repository_is_refused_in_one_clear_line(string name) => lab.TestAsync(async () =>
    {
        var result = await _state.ForgetAsync(name);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Equal("", result.Output);
        var line = Assert.Single(result.Errors.TrimEnd('\n').Split('\n'));
        Assert.StartsWith("content-trust: ", line, StringComparison.Ordinal);
        Assert.EndsWith("; name a repository, such as registry.example.com/team/app", line, StringComparison.Ordinal);
        Assert.DoesNotContain(lab.Plugin.AuditLog.Lines, l => l.Contains("cache-forgotten", StringComparison.Ordinal));
    });

    [Fact]
    public Task Only_root_reaches_the_admin_socket() => lab.TestAsync(async () =>
    {
        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(_state.AdminSocket) & ~Owner);
        var folders = new[] { lab.Root, Path.GetDirectoryName(_state.AdminSocket)! };
        var before = folders.Select(File.GetUnixFileMode).ToArray();
        try
        {
            // Even where the folders let everybody in.
            folders.ToList().ForEach(f => File.SetUnixFileMode(f, File.GetUnixFileMode(f) | UnixFileMode.OtherExecute));
            Assert.Equal("000", (await AskAsync("nobody")).Output);
            Assert.Equal("200", (await AskAsync("root")).Output);
        }
        finally
        {
            folders.Zip(before).ToList().ForEach(f => File.SetUnixFileMode(f.First, f.Second));
        }
    });

    [Fact]
    public Task Without_a_service_the_command_says_so_in_one_line() => lab.TestAsync(async () =>
    {
        await lab.Plugin.StopAsync();

        var result = await _state.ForgetAsync($"{lab.Registry}/lab/first");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("the service does not answer on", Assert.Single(result.Errors.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    });

    private Task<CommandResult> AskAsync(string user) => Command.RunAsync(
        "/usr/bin/setpriv",
        [
            "--reuid", user, "--regid", "65534", "--clear-groups", "curl", "--silent", "--max-time", "5", "--output", "/dev/null",
            "--write-out", "%{http_code}", "--unix-socket", _state.AdminSocket, "http://content-trust/status",
        ]);
}
