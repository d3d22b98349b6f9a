using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthzPlugin.Lab.Tests.Support;
using Xunit.Abstractions;

namespace AuthzPlugin.Proof.Tests;

/// <summary>
/// A thousand reloads of the real service while it is asked all the time: no request is allowed undecided, none is lost, nothing leaks. Each
/// policy is another one, so that the audit log shows of each that it came into force, or that it was refused and the last good one stayed.
/// </summary>
public sealed class ReloadTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Reloads = 1000;
    private const int Warmup = 50;
    private const int EveryBad = 10;
    private const int Connections = 8;

    /// <summary>Neither policy pins it, so it is refused under both, without a network.</summary>
    private const string Unpinned = "elsewhere.example.com/evil/app:1";

    private const string Read = "/v1.41/containers/json";

    // What may remain: connections to the engine that is not there, threads that the pool keeps for a while, memory that the collector has not
    // given back. A leak of one of any of them at each reload would be a multiple of it.
    private const int MoreHandles = 16;
    private const int MoreThreads = 16;
    private const int MoreMebibytes = 96;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private LonePlugin _plugin = null!;
    private long _refused;
    private long _read;
    private long _wrong;
    private int _number;

    public async Task InitializeAsync() => _plugin = await LonePlugin.StartAsync();

    public async Task DisposeAsync() => await _plugin.DisposeAsync();

    [Fact]
    public async Task A_thousand_reloads_under_load_allow_nothing_lose_nothing_and_leak_nothing()
    {
        using var stop = new CancellationTokenSource();
        var asking = Enumerable.Range(0, Connections).Select(_ => Task.Run(() => AskAsync(stop.Token))).ToArray();
        await ReloadAsync(Warmup);
        var before = Measure();
        var (good, bad) = await ReloadAsync(Reloads);
        var after = await SettleAsync(before);
        await stop.CancelAsync();
        await Task.WhenAll(asking);

        var decisions = JsonDocument.Parse((await RunAsync("status", "--json")).Output).RootElement.GetProperty("decisions");
        output.WriteLine($"{good} policies came into force, {bad} bad ones were refused");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"figure: reloads {good + bad}, questions {_refused + _read}, allowed undecided {_wrong}, lost 0, handles {before.Handles} → {after.Handles}, threads {before.Threads} → {after.Threads}, memory {before.Mebibytes} MiB → {after.Mebibytes} MiB"));

        // A question that was lost would have ended its connection, and the test.
        Assert.Equal(0, _wrong);
        Assert.Equal((_refused, 0L), (decisions.GetProperty("refused").GetInt64(), decisions.GetProperty("trusted").GetInt64()));
        Assert.True(_refused > Reloads && _read > Reloads, $"{_refused} and {_read} questions are no load");
        Assert.Equal((Reloads, Reloads / EveryBad), (good + bad, bad));
        Assert.True(after.Handles <= before.Handles + MoreHandles, $"{before.Handles} handles became {after.Handles}");
        Assert.True(after.Threads <= before.Threads + MoreThreads, $"{before.Threads} threads became {after.Threads}");
        Assert.True(after.Mebibytes <= before.Mebibytes + MoreMebibytes, $"{before.Mebibytes} MiB became {after.Mebibytes} MiB");
        var verified = await ContentTrust.RunAsync(["audit", "verify", "--file", _plugin.AuditLog.Path]);
        Assert.True(verified.Succeeded, verified.ToString());
    }

    /// <summary>Asks until it is told to stop; what it was answered is counted.</summary>
    private async Task AskAsync(CancellationToken stop)
    {
        using var connection = await _plugin.ConnectAsync();
        while (!stop.IsCancellationRequested)
        {
            var create = await connection.AskAsync(RawConnection.CreateQuestion(Unpinned));
            Interlocked.Increment(ref _refused);
            var read = await connection.AskAsync(RawConnection.Question("GET", Read));
            Interlocked.Increment(ref _read);
            if (create is not { Status: 200, Allow: false } || !create.Message.Contains("no root key is pinned", StringComparison.Ordinal) || read is not { Status: 200, Allow: true })
            {
                Interlocked.Increment(ref _wrong);
            }
        }
    }

    /// <summary>Writes a policy, sends SIGHUP, and waits until the audit log says what came of it; so many times.</summary>
    private async Task<(int Good, int Bad)> ReloadAsync(int times)
    {
        var (fingerprints, bad) = (new HashSet<string>(), 0);
        for (var i = 1; i <= times; i++)
        {
            var isBad = i % EveryBad == 0;
            var events = new GrowingFile(_plugin.AuditLog.Path);
            events.Mark();
            Write(isBad ? "enforcd" : "enforced", ++_number);
            Posix.HangUp(_plugin.Service.Process);
            await Wait.UntilAsync(
                $"policy {_number} is taken or refused",
                () => isBad
                    ? Of(events, "policy-refused").Any()
                    : Of(events, "policy-replaced").Any(e => fingerprints.Add(e.GetProperty("policy-fingerprint").GetString()!)),
                Limit);
            bad += isBad ? 1 : 0;
        }

        return (fingerprints.Count, bad);
    }

    private static IEnumerable<JsonElement> Of(GrowingFile events, string name) =>
        events.Lines.Where(l => l.Contains($"\"event\":\"{name}\"", StringComparison.Ordinal)).Select(l => JsonDocument.Parse(l).RootElement);

    // Replaced in one step, as editors and configuration management do it.
    private void Write(string mode, int number)
    {
        var pattern = string.Create(CultureInfo.InvariantCulture, $"registry.example.com/team-{number}/*");
        var stanza = new JsonObject
        {
            ["mode"] = mode,
            ["trust-pinning"] = new JsonObject { ["root-keys"] = new JsonObject { [pattern] = new JsonArray(new string('a', 64)) } },
        };
        File.WriteAllText(
            _plugin.DaemonJson + ".new", new JsonObject { ["builder"] = new JsonObject { ["content-trust"] = stanza } }.ToJsonString());
        File.Move(_plugin.DaemonJson + ".new", _plugin.DaemonJson, overwrite: true);
    }

    private (int Handles, long Threads, long Mebibytes) Measure() =>
        (_plugin.Service.Handles, _plugin.Service.Memory("Threads"), _plugin.Service.Memory("VmRSS") / 1024);

    /// <summary>What was needed for a moment is given back.</summary>
    private async Task<(int Handles, long Threads, long Mebibytes)> SettleAsync((int Handles, long Threads, long Mebibytes) before)
    {
        for (var tries = 0; tries < 100; tries++)
        {
            var now = Measure();
            if (now.Handles <= before.Handles + MoreHandles && now.Threads <= before.Threads + MoreThreads)
            {
                return now;
            }

            await Task.Delay(100);
        }

        return Measure();
    }

    private Task<CommandResult> RunAsync(string command, params string[] words) =>
        ContentTrust.RunAsync([command, "--admin-socket", _plugin.AdminSocket, .. words]);
}
