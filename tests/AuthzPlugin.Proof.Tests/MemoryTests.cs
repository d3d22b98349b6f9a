using System.Globalization;
using System.Text.RegularExpressions;
using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Testing.Notary;
using Xunit.Abstractions;

namespace AuthzPlugin.Proof.Tests;

/// <summary>A repository of 75 000 tags (6.5 MB of metadata) within 64 MiB above idle, measured as the operating system counts.</summary>
public sealed partial class MemoryTests(ITestOutputHelper output) : IDisposable
{
    private const int Tags = 75_000;
    private const int LimitMiB = 64;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("memory-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Seventy_five_thousand_tags_take_less_than_64_MiB_above_idle()
    {
        await using var server = await NotarySimulator.StartAsync();
        var (small, large) = (new TestRepository("registry.example.com/team/small", DateTimeOffset.UtcNow), Large());
        server.Publish(small);
        server.Publish(large);

        // As notary-server sends large files: without a length.
        server.Lies["*"] = new Answer.Chunked();

        var (code, text) = await ProofProcess.RunAsync(
            "memory", server.Url.ToString(), _folder.FullName, large.Repository.Name, $"{large.Root.Keys[0].CanonicalId},{small.Root.Keys[0].CanonicalId}", small.Repository.Name);

        Assert.True(code == 0, text);
        var lines = Line().Matches(text);
        Assert.Equal(2, lines.Count);
        Report("fetched, verified, stored, looked up", lines[0]);
        Report("read from disk by the next start", lines[1]);
    }

    private static TestRepository Large()
    {
        var repository = new TestRepository("registry.example.com/team/large", DateTimeOffset.UtcNow);
        for (var i = 0; i < Tags; i++)
        {
            repository.Targets.Tags[$"tag-{i}"] = i.ToString("x64", CultureInfo.InvariantCulture);
        }

        return repository;
    }

    private void Report(string what, Match line)
    {
        double idle = Number(line, 1), peak = Number(line, 2), kept = Number(line, 3);
        Assert.Equal("1", line.Groups[4].Value);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"figure: memory for {Tags} tags, {what}: {peak - idle:0.0} MiB above idle at most, {kept - idle:0.0} MiB kept (idle {idle:0.0} MiB, limit {LimitMiB} MiB)"));
        Assert.True(peak - idle <= LimitMiB, $"{peak - idle} MiB above idle");
    }

    private static double Number(Match line, int group) => long.Parse(line.Groups[group].ValueSpan, CultureInfo.InvariantCulture) / 1024.0;

    [GeneratedRegex("idle ([0-9]+) peak ([0-9]+) kept ([0-9]+) tags ([0-9]+)")]
    private static partial Regex Line();
}
