using System.Globalization;
using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Bypass.Tests.Running;

/// <summary>One run of one case's steps against the engine.</summary>
/// <param name="enforced">Somebody is there whose patience may be worn out.</param>
public sealed class Attack(LabFixture lab, AttackLab attackLab, string container, bool enforced) : IDisposable
{
    private const int WaitForNobody = 300;

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(25);

    private readonly Dictionary<string, string> _variables = attackLab.Variables(container);
    private readonly Dictionary<string, RawConnection> _kept = new(StringComparer.Ordinal);
    private readonly List<RawAnswer> _answers = [];

    public IReadOnlyList<RawAnswer> Answers => _answers;

    /// <summary>Whether there is nothing more to try.</summary>
    public Func<bool> HasSucceeded { get; set; } = () => false;

    /// <summary>What was answered until now says nothing about the attack.</summary>
    public void Forget() => _answers.Clear();

    public string Expand(string text) => Template.Expand(text);

    public async Task RunAsync(IEnumerable<AttackStep> steps)
    {
        foreach (var step in steps)
        {
            await RunAsync(step);
        }
    }

    public void Dispose()
    {
        foreach (var connection in _kept.Values)
        {
            connection.Dispose();
        }
    }

    // What must succeed without the plugin goes to the engine itself: the gate refuses much of it whatever the policy says.
    private string Socket => enforced ? lab.ClientSocket : lab.Env["LAB_ENGINE_SOCKET"];

    private Template Template => new(_variables);

    private async Task RunAsync(AttackStep step)
    {
        switch (step.Kind)
        {
            case StepKind.Send:
                _answers.Add(await RawConnection.ExchangeAsync(Socket, Template.Request(step.Text, complete: true), AnswerLimit));
                break;
            case StepKind.Open:
                _kept[step.Argument] = new RawConnection(Socket);
                await _kept[step.Argument].SendAsync(Template.Request(step.Text, complete: false));
                break;
            case StepKind.More:
                await _kept[step.Argument].SendAsync(Template.Expand(step.Text));
                _answers.Add(await _kept[step.Argument].ReceiveAsync(AnswerLimit));
                break;
            case StepKind.Shell:
                var result = await attackLab.ShellAsync(step.Text, _variables, Socket);
                _answers.Add(new RawAnswer(0, result.Text));
                break;
            case StepKind.Start:
                var started = await lab.Engine.StartAsync(Template.Expand(step.Argument));
                _answers.Add(new RawAnswer((int)started.Status, started.ToString()));
                break;
            case StepKind.Wait:
                var milliseconds = int.Parse(step.Argument, CultureInfo.InvariantCulture);
                await Task.Delay(enforced ? milliseconds : Math.Min(milliseconds, WaitForNobody));
                break;
            case StepKind.Race:
                await RaceAsync(step, Tries(step.Argument));
                break;
            default:
                throw new InvalidOperationException($"no such step: {step.Kind}");
        }
    }

    /// <summary>Without the plugin the race must be won once, whatever else this machine does.</summary>
    private int Tries(string declared) =>
        (enforced ? 1 : 10) * int.Parse(Environment.GetEnvironmentVariable("BYPASS_TRIES") ?? declared, CultureInfo.InvariantCulture);

    /// <summary>The first lane runs as often as the case says, the others for as long as it runs.</summary>
    private async Task RaceAsync(AttackStep step, int tries)
    {
        using var ended = new CancellationTokenSource();
        var others = step.Blocks.Skip(1).Select(lane => Task.Run(async () =>
        {
            for (var i = 0; !ended.IsCancellationRequested; i++)
            {
                await LaneAsync(lane, i);
            }
        })).ToArray();
        for (var i = 0; i < tries && !HasSucceeded(); i++)
        {
            await LaneAsync(step.Blocks[0], i);
        }

        await ended.CancelAsync();
        await Task.WhenAll(others);
    }

    private async Task LaneAsync(IReadOnlyList<string> requests, int iteration)
    {
        foreach (var request in requests)
        {
            await RawConnection.ExchangeAsync(Socket, Template.Request(request, complete: true, iteration), AnswerLimit);
        }
    }
}
