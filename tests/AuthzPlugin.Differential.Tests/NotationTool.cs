using System.Diagnostics;
using AuthzPlugin.Testing;

namespace AuthzPlugin.Differential.Tests;

/// <summary>Debian's notation, as a user verifies with a trust policy and a trust store.</summary>
internal sealed class NotationTool
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(120);

    private readonly string _path;

    private NotationTool(string path) => _path = path;

    internal static async Task<NotationTool> FindAsync(string folder)
    {
        var (code, text) = await RunAsync("/bin/bash", [SourceTree.PathOf("tests/Lab/lab.sh"), "notation-tool"], folder);
        Assert.True(code == 0, $"notation is not to be had: {text}");
        return new NotationTool(text.Trim());
    }

    /// <summary>Whether it accepts the image; what it says otherwise.</summary>
    /// <param name="folder">Holds <c>notation/trustpolicy.json</c> and <c>notation/truststore</c>.</param>
    internal async Task<(bool Trusted, string Text)> VerifyAsync(string image, string folder, IReadOnlyDictionary<string, string> metadata)
    {
        string[] arguments = ["verify", "--insecure-registry", .. metadata.SelectMany(m => new[] { "--user-metadata", $"{m.Key}={m.Value}" }), image];
        var (code, text) = await RunAsync(_path, arguments, folder);
        return (code == 0, text.Split('\n').LastOrDefault(l => l.Length > 0) ?? "");
    }

    private static async Task<(int Code, string Text)> RunAsync(string program, IEnumerable<string> arguments, string home)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = home };
        (start.Environment["HOME"], start.Environment["XDG_CONFIG_HOME"], start.Environment["XDG_CACHE_HOME"]) = (home, home, home);
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Budget);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, process.ExitCode == 0 ? output : output + await errors);
    }
}
