using System.Collections.Concurrent;
using System.Globalization;
using AuthzPlugin.Lab.Tests.Support;
using Xunit.Abstractions;

namespace AuthzPlugin.Proof.Tests;

/// <summary>
/// The real service is killed with SIGKILL at random moments while it answers. Every answer that came has its record in the audit log, there
/// is no record of a question that was not asked, and the chain is whole over all starts and files.
/// </summary>
public sealed class AuditKillTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Kills = 20;
    private const int Connections = 4;
    private const int AnswersAtLeast = 100;
    private const int Seed = 20261125;

    /// <summary>Long, so that files are full soon.</summary>
    private static readonly string Tag = new('t', 128);

    private readonly Random _random = new(Seed);
    private readonly ConcurrentDictionary<int, bool> _asked = new();
    private readonly ConcurrentDictionary<int, bool> _answered = new();
    private LonePlugin _plugin = null!;
    private int _number;

    // The smallest files there are, so that some are put aside meanwhile.
    private static readonly string[] Extra = ["--audit-max-size", "1MiB", "--audit-keep", "999"];

    public async Task InitializeAsync() => _plugin = await LonePlugin.StartAsync(null, Extra);

    public async Task DisposeAsync() => await _plugin.DisposeAsync();

    [Fact]
    public async Task Twenty_kills_lose_no_record_of_an_answer_that_was_given()
    {
        for (var kill = 0; kill < Kills; kill++)
        {
            var asking = Enumerable.Range(0, Connections).Select(_ => Task.Run(AskAsync)).ToArray();
            var enough = _answered.Count + AnswersAtLeast;
            await Wait.UntilAsync("questions are answered", () => _answered.Count >= enough);
            await Task.Delay(_random.Next(0, 100));
            _plugin.Service.Process.Kill();
            await Task.WhenAll(asking);
            await _plugin.Service.DisposeAsync();
            await _plugin.ServeAsync(null, Extra);
        }

        Assert.Equal(0, await _plugin.Service.StopAsync());
        var verified = await ContentTrust.RunAsync(["audit", "verify", "--file", _plugin.AuditLog.Path]);
        Assert.True(verified.Succeeded, verified.ToString());
        var recorded = Recorded();
        var files = Directory.GetFiles(Path.GetDirectoryName(_plugin.AuditLog.Path)!, "audit.log*").Length;
        var lost = _answered.Keys.Except(recorded).Count();
        output.WriteLine($"{files} files; {_asked.Count - _answered.Count} questions were cut off by a kill; {verified.Output.TrimEnd()}");
        output.WriteLine($"figure: audit log, kills {Kills}, answers {_answered.Count}, records lost {lost}");
        Assert.Equal(0, lost);
        Assert.Empty(recorded.Except(_asked.Keys));
        Assert.True(files > 1, "no file was put aside");
    }

    /// <summary>Asks about images with a number, so that no two records are equal, until the connection breaks.</summary>
    private async Task AskAsync()
    {
        try
        {
            using var connection = await _plugin.ConnectAsync();
            while (true)
            {
                var number = Interlocked.Increment(ref _number);
                _asked[number] = true;
                var answer = await connection.AskAsync(RawConnection.CreateQuestion($"elsewhere.example.com/n{number}x:{Tag}"));
                Assert.False(answer.Allow);
                _answered[number] = true;
            }
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            // The kill.
        }
    }

    private HashSet<int> Recorded()
    {
        var folder = Path.GetDirectoryName(_plugin.AuditLog.Path)!;
        return
        [
            .. Directory.GetFiles(folder, "audit.log*").SelectMany(File.ReadLines)
                .Select(l => System.Text.RegularExpressions.Regex.Match(l, "elsewhere\\.example\\.com/n(\\d+)x:"))
                .Where(m => m.Success)
                .Select(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)),
        ];
    }
}
