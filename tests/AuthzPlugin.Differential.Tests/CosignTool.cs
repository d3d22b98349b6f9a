using System.Diagnostics;
using AuthzPlugin.Testing;
using AuthzPlugin.Testing.Signatures;

namespace AuthzPlugin.Differential.Tests;

/// <summary>Debian's cosign of one generation, as a user verifies with keys.</summary>
internal sealed class CosignTool
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(120);

    private readonly string _path;
    private readonly string _folder;

    private CosignTool(string path, string folder)
    {
        _path = path;
        _folder = folder;
    }

    /// <param name="version">2 or 3.</param>
    internal static async Task<CosignTool> FindAsync(string version, string folder)
    {
        var (code, text) = await RunAsync("/bin/bash", [SourceTree.PathOf("tests/Lab/lab.sh"), "cosign-tool", version], folder);
        Assert.True(code == 0, $"cosign {version} is not to be had: {text}");
        return new CosignTool(text.Trim(), folder);
    }

    /// <summary>Whether it accepts the image; what it says otherwise.</summary>
    internal async Task<(bool Trusted, string Text)> VerifyAsync(string image, CosignTestKey key, IReadOnlyDictionary<string, string> annotations)
    {
        var file = Path.Combine(_folder, key.Public.Id + ".pub");
        await File.WriteAllTextAsync(file, key.Pem);
        string[] arguments = ["verify", "--key", file, "--insecure-ignore-tlog=true", .. annotations.SelectMany(a => new[] { "-a", $"{a.Key}={a.Value}" }), image];
        var (code, text) = await RunAsync(_path, arguments, _folder);
        return (code == 0, text.Split('\n').LastOrDefault(l => l.Length > 0) ?? "");
    }

    private static async Task<(int Code, string Text)> RunAsync(string program, IEnumerable<string> arguments, string home)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = home };
        start.Environment["HOME"] = home;
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Budget);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, process.ExitCode == 0 ? output : output + await errors);
    }
}
