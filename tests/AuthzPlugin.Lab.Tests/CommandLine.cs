using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Lab.Tests;

/// <summary>Bad input to the command itself: clear lines, an exit code, never a stack trace.</summary>
public sealed class CommandLine : IDisposable
{
    private readonly string _root = LonePlugin.Folder();

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("no command", "", "Required command")]
    [InlineData("an unknown command", "sevre", "sevre")]
    [InlineData("an unknown option", "serve --socet x", "--socet")]
    [InlineData("an option without its value", "serve --socket", "--socket")]
    public async Task A_wrong_command_line_says_what_is_wrong(string what, string line, string says)
    {
        var result = await ContentTrust.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.True(result.ExitCode == 64, $"{what}: {result}");
        ShouldBeClear(result, says);
    }

    [Theory]
    [InlineData("settings that are not there", null, "settings.json")]
    [InlineData("no JSON", "engine-socket = x", "settings.json")]
    [InlineData("an unknown setting", """{"engine-soket":"/x"}""", "engine-soket")]
    [InlineData("a wrong type", """{"max-approvals":"many"}""", "max-approvals")]
    [InlineData("a setting twice", """{"socket":"/a","socket":"/b"}""", "socket")]
    [InlineData("a number out of range", """{"decision-timeout":"-1s"}""", "decision-timeout")]
    public async Task Bad_settings_are_told_with_their_file_and_key(string what, string? settings, string says)
    {
        var file = Path.Combine(_root, "settings.json");
        if (settings is null)
        {
            File.Delete(file);
        }
        else
        {
            await File.WriteAllTextAsync(file, settings);
        }

        var result = await ContentTrust.RunAsync(["serve", .. LonePlugin.Options(_root)]);

        Assert.True(result.ExitCode == 78, $"{what}: {result}");
        ShouldBeClear(result, says);
    }

    [Fact]
    public async Task A_bad_policy_ends_a_strict_start_and_check_config_with_every_problem()
    {
        await File.WriteAllTextAsync(
            Path.Combine(_root, "daemon.json"), """{"builder":{"content-trust":{"mode":"enforcd","freshnes":"10s","builds":true}}}""");

        foreach (var command in new string[][] { ["serve", "--strict-start"], ["check-config"] })
        {
            var result = await ContentTrust.RunAsync([.. command, .. LonePlugin.Options(_root)]);
            Assert.True(result.ExitCode == 78, result.ToString());
            ShouldBeClear(result, "mode", "freshnes", "builds");
        }
    }

    [Fact]
    public async Task A_socket_that_another_process_serves_is_not_taken_away()
    {
        await using var other = await LonePlugin.StartAsync();

        var result = await ContentTrust.RunAsync(["serve", .. LonePlugin.Options(_root), "--audit-file", Path.Combine(_root, "a"), "--socket", other.Socket]);

        Assert.NotEqual(0, result.ExitCode);
        ShouldBeClear(result);
        using var connection = await other.ConnectAsync();
        Assert.Equal(200, (await connection.AskAsync("", "/Plugin.Activate")).Status);
    }

    [Theory]
    [InlineData("state-dir")]
    [InlineData("audit-file")]
    [InlineData("socket")]
    public async Task A_path_that_cannot_be_used_is_told_in_one_line(string setting)
    {
        var notAFolder = Path.Combine(_root, "file");
        await File.WriteAllTextAsync(notAFolder, "");
        await File.WriteAllTextAsync(Path.Combine(_root, "settings.json"), $$"""{"{{setting}}":"{{notAFolder}}/x/y"}""");

        var index = Array.IndexOf(LonePlugin.Options(_root), "--" + setting);
        var options = LonePlugin.Options(_root).Where((_, i) => i != index && i != index + 1);
        var result = await ContentTrust.RunAsync(["serve", .. options]);

        Assert.True(result.ExitCode == 73, result.ToString());
        Assert.Single(result.Errors.TrimEnd().Split('\n'));
        ShouldBeClear(result, "; ");
    }

    private static void ShouldBeClear(CommandResult result, params string[] texts)
    {
        result.ShouldSay(texts);
        Assert.False(string.IsNullOrWhiteSpace(result.Text), result.ToString());
        foreach (var sign in new[] { "   at ", "Exception", "Unhandled" })
        {
            Assert.False(result.Text.Contains(sign, StringComparison.Ordinal), $"this looks like a stack trace: {result}");
        }
    }
}
