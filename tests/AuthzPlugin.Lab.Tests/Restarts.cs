using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using AuthzPlugin.Lab.Tests.Support;
using Xunit.Abstractions;

namespace AuthzPlugin.Lab.Tests;

[Collection(LabFixture.Collection)]
public sealed class Restarts(LabFixture lab, ITestOutputHelper output)
{
    private const int TimesRestarted = 50;
    private const int LeastCommands = 20_000;
    private const int Connections = 8;

    private readonly ConcurrentBag<string> _refused = [];
    private readonly ConcurrentBag<string> _wrong = [];
    private int _commands;
    private int _creates;
    private int _hostile;

    [Fact]
    public Task Fifty_restarts_under_a_stream_of_commands_allow_nothing_undecided_and_refuse_at_most_one_in_10_000() => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("restarts", "1");
        var unsigned = await lab.UnsignedAsync("restarts", "2");
        var running = (await lab.Engine.CreateAsync(signed.Reference)).ShouldSucceed().Id;
        (await lab.Engine.StartAsync(running)).ShouldSucceed();
        using var stop = new CancellationTokenSource();
        var clock = Stopwatch.StartNew();
        var stream = Enumerable.Range(0, Connections)
            .Select(client => Task.Run(() => StreamAsync(client, signed, unsigned, running, stop.Token))).ToArray();
        try
        {
            for (var i = 0; i < TimesRestarted; i++)
            {
                await lab.Plugin.RestartAsync();
                await CommandsAsync((i + 1) * LeastCommands / TimesRestarted);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(stream).WaitAsync(TimeSpan.FromSeconds(60));
        }

        var undecided = lab.Plugin.Audit().Where(r => r.Answer == "allow" && r.Outcome != "trusted").ToList();
        output.WriteLine(
            $"figure: restarts under load: {TimesRestarted} in {clock.Elapsed.TotalSeconds:0} s, requests {_commands}, creates of a signed image {_creates} and of an unsigned one {_hostile}, allowed undecided {_wrong.Count + undecided.Count}, refused {_refused.Count}");
        foreach (var refused in _refused.Take(10))
        {
            output.WriteLine(refused);
        }

        Assert.Empty(_wrong);
        Assert.All(await lab.Engine.ContainersAsync(), c => Assert.Equal(signed.Id, c.ImageId));
        Assert.Empty(undecided);
        Assert.True(_refused.Count * 10_000 <= _commands, $"{_refused.Count} of {_commands} honest commands were refused, the first: {_refused.FirstOrDefault()}");
    });

    // A client of its own: connections that last, as dockerd's clients have them.
    private async Task StreamAsync(int client, LabImage signed, LabImage unsigned, string running, CancellationToken stop)
    {
        using var engine = new EngineApi(lab.Env["LAB_ENGINE_SOCKET"], connections: 1);
        for (var i = client * 100 / Connections; !stop.IsCancellationRequested; i++)
        {
            switch (i % 100)
            {
                case 10:
                    Interlocked.Increment(ref _hostile);
                    await HostileAsync(engine, unsigned);
                    break;
                case 20:
                    Interlocked.Increment(ref _creates);
                    await CreateAndRemoveAsync(engine, signed);
                    break;
                case 30 or 60 or 90:
                    Count(await engine.StartAsync(running), HttpStatusCode.NotModified);
                    break;
                default:
                    Count(await engine.GetAsync(i % 10 == 0 ? "/v1.41/containers/json" : "/_ping"), HttpStatusCode.OK);
                    break;
            }
        }
    }

    private async Task HostileAsync(EngineApi engine, LabImage unsigned)
    {
        Interlocked.Increment(ref _commands);
        var answer = await engine.CreateAsync(unsigned.Reference);
        if (answer.Succeeded)
        {
            _wrong.Add($"an unsigned image was let through: {answer}");
        }
    }

    private async Task CreateAndRemoveAsync(EngineApi engine, LabImage signed)
    {
        var created = Count(await engine.CreateAsync(signed.Reference), HttpStatusCode.Created);
        if (created.Succeeded)
        {
            Count(await engine.RemoveAsync(created.Id), HttpStatusCode.NoContent);
        }
    }

    private ApiAnswer Count(ApiAnswer answer, HttpStatusCode expected)
    {
        Interlocked.Increment(ref _commands);
        if (answer.Status != expected)
        {
            _refused.Add(answer.ToString());
        }

        return answer;
    }

    private Task CommandsAsync(int least) =>
        Wait.UntilAsync($"{least} commands", () => Volatile.Read(ref _commands) >= least, TimeSpan.FromSeconds(30));
}
