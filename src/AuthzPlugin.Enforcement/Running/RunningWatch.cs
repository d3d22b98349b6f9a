using System.Threading.Channels;
using AuthzPlugin.Enforcement.Authorization;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.Policy;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.Running;

/// <summary>
/// Sees what the engine starts unasked (restart policies, boot, swarm tasks): at our start, after every change of policy, whenever the
/// engine's events can be read again, and from those events (decisions.md, "What the engine starts unasked").
/// </summary>
public sealed class RunningWatch
{
    /// <summary>How soon after a failure the engine is asked again; doubled up to <see cref="LongestPause"/>.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>How soon an undecided container is looked at again.</summary>
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(15);

    private readonly RunningContainers _containers;
    private readonly AskedStarts _asked;
    private readonly EngineClient _engine;
    private readonly Func<PolicyInForce> _policy;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private bool _watching;
    private volatile bool _lookAgain;

    /// <summary>Full means that the engine is told to wait with its events.</summary>
    private readonly Channel<Work> _work = Channel.CreateBounded<Work>(4096);

    internal RunningWatch(
        RunningContainers containers, AskedStarts asked, EngineClient engine, Func<PolicyInForce> policy, TimeProvider time, ILogger logger)
    {
        _containers = containers;
        _asked = asked;
        _engine = engine;
        _policy = policy;
        _time = time;
        _logger = logger;
    }

    /// <summary>What runs and should not, as of the last look.</summary>
    public IReadOnlyList<RunningFinding> Findings => _containers.Findings;

    /// <summary>Decides everything anew soon, since the policy changed.</summary>
    public void LookAgain() => _lookAgain = !_work.Writer.TryWrite(Everything);

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await Task.WhenAll(ListenAsync(cancellation), WorkAsync(cancellation), RetryAsync(cancellation)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    private async Task ListenAsync(CancellationToken cancellation)
    {
        var pause = FirstPause;
        while (true)
        {
            try
            {
                await using var events = await _engine.OpenEventsAsync(cancellation).ConfigureAwait(false);
                pause = FirstPause;
                _watching = true;
                Log.Watching(_logger);

                // After the events were opened, so that nothing starts in between.
                await _work.Writer.WriteAsync(Everything, cancellation).ConfigureAwait(false);
                await foreach (var happened in events.ReadAsync(cancellation).ConfigureAwait(false))
                {
                    await _work.Writer.WriteAsync(new Work(happened.ContainerId, happened.Change), cancellation).ConfigureAwait(false);
                }
            }
            catch (EngineException e)
            {
                SayOnce(e);
            }

            await Task.Delay(pause, _time, cancellation).ConfigureAwait(false);
            pause = pause + pause < LongestPause ? pause + pause : LongestPause;
        }
    }

    private async Task WorkAsync(CancellationToken cancellation)
    {
        await foreach (var work in _work.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            // An invalid policy says nothing about containers; where nothing is decided there is nothing to find.
            if (_policy().Policy is not { } policy)
            {
                continue;
            }

            if (policy.Mode == EnforcementMode.Disabled)
            {
                _containers.ForgetAll();
                continue;
            }

            try
            {
                await DoAsync(work, policy, cancellation).ConfigureAwait(false);
            }
            catch (EngineException e)
            {
                SayOnce(e);
                _lookAgain = true;
            }
        }
    }

    private void SayOnce(EngineException problem)
    {
        if (_watching)
        {
            _watching = false;
            Log.Blind(_logger, problem.Message);
        }
    }

    private async Task DoAsync(Work work, TrustPolicy policy, CancellationToken cancellation)
    {
        switch (work)
        {
            case (null, _):
                await _containers.DecideAllAsync(policy, cancellation).ConfigureAwait(false);
                break;
            case ({ } id, ContainerChange.Removed):
                _containers.Forget(id);
                break;
            case ({ } id, ContainerChange.Ended):
                _containers.ForgetEnded(id);
                break;
            case ({ } id, ContainerChange.Started) when _asked.Take(id):
                break;
            case var (id, change):
                await _containers.DecideAsync(id, started: change is not null, policy, cancellation).ConfigureAwait(false);
                break;
        }
    }

    private async Task RetryAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(RetryInterval, _time);
        while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
        {
            if (_lookAgain)
            {
                _lookAgain = false;
                await _work.Writer.WriteAsync(Everything, cancellation).ConfigureAwait(false);
            }

            foreach (var id in _containers.Undecided)
            {
                await _work.Writer.WriteAsync(new Work(id, null), cancellation).ConfigureAwait(false);
            }
        }
    }

    private static readonly Work Everything = new(null, null);

    /// <param name="ContainerId">Null: everything that runs.</param>
    /// <param name="Change">Null: nothing is known to have happened; look again.</param>
    private readonly record struct Work(string? ContainerId, ContainerChange? Change);
}
