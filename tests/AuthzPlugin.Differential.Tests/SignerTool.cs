using System.Diagnostics;
using AuthzPlugin.Testing;

namespace AuthzPlugin.Differential.Tests;

/// <summary>A tool of Debian's that the lab fetches, with a home of its own.</summary>
internal static class SignerTool
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(120);

    /// <summary>Its path.</summary>
    /// <param name="verb">What <c>lab.sh</c> is asked, such as <c>notation-tool</c>.</param>
    internal static async Task<string> FindAsync(string home, params string[] verb)
    {
        var (code, text) = await RunAsync("/bin/bash", [SourceTree.PathOf("tests/Lab/lab.sh"), .. verb], home);
        Assert.True(code == 0, $"{string.Join(' ', verb)} is not to be had: {text}");
        return text.Trim();
    }

    /// <summary>What it prints; when it fails, what it complains about as well.</summary>
    internal static async Task<(int Code, string Text)> RunAsync(
        string program, IEnumerable<string> arguments, string home, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = home };
        foreach (var (name, value) in environment.Append(("HOME", home)))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Budget);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, process.ExitCode == 0 ? output : output + await errors);
    }

    /// <summary>The last line of what a tool says, which is its verdict.</summary>
    internal static string LastLine(string text) => text.Split('\n').LastOrDefault(l => l.Length > 0) ?? "";
}
