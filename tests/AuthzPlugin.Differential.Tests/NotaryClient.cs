using System.Diagnostics;
using System.Text.Json.Nodes;

namespace AuthzPlugin.Differential.Tests;

/// <summary>What a client says about a repository: its signed tags (tag → digest and role), or why not.</summary>
/// <param name="Tags">Null when the repository is refused.</param>
internal sealed record Verdict(IReadOnlyDictionary<string, string>? Tags, string Reason)
{
    internal bool IsTrusted => Tags is not null;

    internal bool Agrees(Verdict other) =>
        IsTrusted == other.IsTrusted
        && (Tags is null || (Tags.Count == other.Tags!.Count && Tags.All(t => other.Tags.GetValueOrDefault(t.Key) == t.Value)));

    public override string ToString() =>
        Tags is null ? "refused: " + Reason : "trusted: " + string.Join(' ', Tags.OrderBy(t => t.Key, StringComparer.Ordinal));
}

/// <summary>
/// Debian's <c>notary</c> 0.7, asked as the Docker CLI asks: <c>targets/releases</c> first, then <c>targets</c>, and a tag found below or
/// beside them does not count. Trust on first use is off; only the pinned certificates count.
/// </summary>
internal sealed class NotaryClient
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(60);

    private readonly string _trust;
    private readonly string _config;
    private readonly string _name;

    /// <param name="folder">An empty folder; the client's memory between questions.</param>
    internal NotaryClient(string folder, string name, Uri server, string authority)
    {
        _name = name;
        _trust = Path.Combine(folder, "trust");
        _config = Path.Combine(folder, "config.json");
        Directory.CreateDirectory(_trust);
        Server = server;
        Authority = authority;
    }

    private Uri Server { get; }

    private string Authority { get; }

    internal static bool IsInstalled => File.Exists("/usr/bin/notary");

    internal async Task<Verdict> AskAsync(IEnumerable<string> pins)
    {
        var config = new JsonObject
        {
            ["trust_dir"] = _trust,
            ["remote_server"] = new JsonObject { ["url"] = Server.ToString().TrimEnd('/'), ["root_ca"] = Authority },
            ["trust_pinning"] = new JsonObject
            {
                ["disable_tofu"] = true,
                ["certs"] = new JsonObject { [_name] = new JsonArray([.. pins.Select(p => (JsonNode)p)]) },
            },
        };
        await File.WriteAllTextAsync(_config, config.ToJsonString());
        var (code, output, error) = await RunAsync();
        return code == 0 ? new Verdict(Read(output), "") : new Verdict(null, (error + output).Trim().ReplaceLineEndings(" "));
    }

    private async Task<(int Code, string Output, string Error)> RunAsync()
    {
        var start = new ProcessStartInfo("/usr/bin/notary")
        {
            ArgumentList = { "-c", _config, "list", _name, "--roles", "targets/releases", "--roles", "targets" },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment.Clear();
        start.Environment["HOME"] = _trust;
        start.Environment["PATH"] = "/usr/bin:/bin";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var budget = new CancellationTokenSource(Budget);
        var output = process.StandardOutput.ReadToEndAsync(budget.Token);
        var error = process.StandardError.ReadToEndAsync(budget.Token);
        try
        {
            await process.WaitForExitAsync(budget.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException("the notary client did not end");
        }

        return (process.ExitCode, await output, await error);
    }

    // NAME DIGEST SIZE ROLE below a line of dashes; a tag without a sha256 has no second column and is not signed for Docker.
    private static Dictionary<string, string> Read(string output) =>
        output.Split('\n')
            .SkipWhile(l => !l.StartsWith("----", StringComparison.Ordinal))
            .Skip(1)
            .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(c => c is [_, { Length: 64 }, _, "targets" or "targets/releases"])
            .ToDictionary(c => c[0], c => $"{c[1]} {c[3]}", StringComparer.Ordinal);
}
