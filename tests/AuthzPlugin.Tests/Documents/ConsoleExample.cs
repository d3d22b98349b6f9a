using System.Diagnostics;
using AuthzPlugin.Testing;
using AuthzPlugin.Testing.Documents;

namespace AuthzPlugin.Tests.Documents;

/// <summary>A session: commands behind <c>$ </c>, each with what it prints.</summary>
internal static class ConsoleExample
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static async Task CheckAsync(Block block)
    {
        var steps = block.Session();
        Assert.NotEmpty(steps);
        Shell.Check(steps.Select(s => s.Command));
        if (block.Has("road") || block.Has("host"))
        {
            return;
        }

        var folder = Directory.CreateTempSubdirectory("ct-example-").FullName;
        try
        {
            var files = block.Words.FirstOrDefault(w => w.StartsWith("files=", StringComparison.Ordinal))?["files=".Length..].Split(',') ?? [];
            foreach (var file in files)
            {
                File.Copy(SourceTree.PathOf(file), Path.Combine(folder, Path.GetFileName(file)));
            }

            foreach (var step in steps)
            {
                var words = Shell.Commands([step.Command]).Single();
                Assert.True(NeedsNoHost(words), $"{step.Command}: this needs a service or an engine; mark the block with road or host");
                Assert.Null(step.Difference(await RunAsync(words, folder)));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool NeedsNoHost(IReadOnlyList<string> words) => words switch
    {
        ["content-trust", "check-config", _, ..] or ["content-trust", "import", ..] => true,
        ["content-trust", "keys", var file, ..] => !file.Contains('/', StringComparison.Ordinal),
        ["content-trust", "audit", ..] => words.Contains("--file"),
        ["content-trust", "report", ..] => words.Contains("--audit-file"),
        ["content-trust", ..] => words[^1] is "--help" or "--version",
        _ => false,
    };

    private static async Task<string> RunAsync(IReadOnlyList<string> words, string folder)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "content-trust.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. words.Skip(1)])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await Task.WhenAll(process.WaitForExitAsync(), output, errors).WaitAsync(Limit);
        return await output + await errors;
    }
}
