using System.Collections.Concurrent;
using AuthzPlugin.Enforcement.Audit;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.Metrics;
using AuthzPlugin.Enforcement.Policy;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.Running;

/// <summary>
/// Decides containers that run without having been asked about just now, as a start would be decided, and reports or stops those
/// that would be refused (decisions.md, "What the engine starts unasked"). One call at a time.
/// </summary>
internal sealed class RunningContainers(
    EngineClient engine, StartDecider starts, AuditLog audit, TimeSpan budget, DecisionMeter? meter, TimeProvider time, ILogger logger)
{
    /// <summary>
    /// As often is it tried to decide a container whose evidence cannot be had. After that it counts as refused: when in doubt, deny.
    /// </summary>
    public const int MostLooks = 5;

    private readonly ConcurrentDictionary<string, RunningFinding> _findings = new(StringComparer.Ordinal);

    /// <summary>What runs by an exception and is on record for it: when it started, and which exception.</summary>
    private readonly ConcurrentDictionary<string, (DateTimeOffset? StartedAt, string? Subject)> _excepted = new(StringComparer.Ordinal);

    /// <summary>What runs and should not, in the order of names; as of the last look.</summary>
    public IReadOnlyList<RunningFinding> Findings => [.. _findings.Values.OrderBy(f => f.Name, StringComparer.Ordinal)];

    /// <summary>Containers to be looked at once more.</summary>
    public IReadOnlyList<string> Undecided =>
        [.. _findings.Values.Where(f => f.Outcome == Outcome.Undecided && f.Looks < MostLooks).Select(f => f.ContainerId)];

    /// <summary>The container ended, so it is no finding any more, unless it was stopped here: that is shown while it is there.</summary>
    public void ForgetEnded(string containerId)
    {
        _excepted.TryRemove(containerId, out _);
        if (_findings.TryGetValue(containerId, out var finding) && !finding.Stopped)
        {
            _findings.TryRemove(containerId, out _);
        }
    }

    /// <summary>Nothing is decided any more, so there is nothing to show.</summary>
    public void ForgetAll() => _findings.Clear();

    /// <summary>The container is gone.</summary>
    public void Forget(string containerId)
    {
        _excepted.TryRemove(containerId, out _);
        _findings.TryRemove(containerId, out _);
    }

    /// <summary>Decides everything that runs now.</summary>
    /// <exception cref="EngineException">The engine does not say what runs.</exception>
    public async Task DecideAllAsync(TrustPolicy policy, CancellationToken cancellation)
    {
        var all = await engine.ListContainersAsync(all: true, cancellation).ConfigureAwait(false);
        foreach (var gone in _findings.Keys.Concat(_excepted.Keys).Except(all, StringComparer.Ordinal))
        {
            Forget(gone);
        }

        foreach (var id in await engine.ListContainersAsync(all: false, cancellation).ConfigureAwait(false))
        {
            await DecideAsync(id, started: false, policy, cancellation).ConfigureAwait(false);
        }
    }

    /// <param name="started">It started a moment ago: that is on record, whatever comes of it, and even if it has ended meanwhile.</param>
    public async Task DecideAsync(string containerId, bool started, TrustPolicy policy, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(budget, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timer.Token);
        var begun = time.GetTimestamp();
        EngineContainer? container = null;
        Decision decision;
        try
        {
            container = await engine.FindContainerAsync(containerId, limit.Token).ConfigureAwait(false);
            if (container is null || (!container.Running && !started))
            {
                ForgetEnded(containerId);
                return;
            }

            decision = await starts.DecideAsync(container, container.Name, policy, limit.Token).ConfigureAwait(false);
        }
        catch (EngineException e)
        {
            decision = Failures.ToDecision(e, new Trail("") { ContainerId = containerId });
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            decision = new Trail("") { ContainerId = containerId }.Undecided(ReasonCode.TimedOut, Messages.TimedOut(containerId, budget));
        }

        await ActAsync(containerId, container, decision, started, policy, begun, cancellation).ConfigureAwait(false);
    }

    private async Task ActAsync(
        string id, EngineContainer? container, Decision decision, bool started, TrustPolicy policy, long begun, CancellationToken cancellation)
    {
        if (decision.IsAllowed)
        {
            _findings.TryRemove(id, out _);
            if (IsNews(id, container, decision) || started)
            {
                Record(decision, "allow", policy, begun);
            }

            return;
        }

        var before = _findings.GetValueOrDefault(id) is { } found && found.StartedAt == container?.StartedAt ? found : null;
        var looks = (before?.Looks ?? 0) + 1;
        var certain = decision.Outcome == Outcome.Refused || looks >= MostLooks;
        var stopped = certain && policy is { Mode: EnforcementMode.Enforced, Running: RunningAnswer.Stop }
            && await StopAsync(id, decision, cancellation).ConfigureAwait(false);
        _findings[id] = new RunningFinding(
            id, container?.Name ?? id, container?.StartedAt, decision.Outcome, decision.Reason, decision.Message, policy.Fingerprint, looks, stopped);
        if (started || stopped || before is null || before.Reason != decision.Reason || before.Fingerprint != policy.Fingerprint)
        {
            Record(decision, stopped ? "stop" : "report", policy, begun);
            if (!stopped)
            {
                var reason = decision.Reason.ToText();
                Log.RunsRefused(logger, id, reason, decision.Message);
            }
        }
    }

    /// <summary>Each use of an exception is on record: also that one lets run what started while nobody looked.</summary>
    private bool IsNews(string id, EngineContainer? container, Decision decision)
    {
        if (decision.IsTrusted)
        {
            _excepted.TryRemove(id, out _);
            return false;
        }

        var use = (container?.StartedAt, decision.Exception?.Subject);
        var isNews = !_excepted.TryGetValue(id, out var before) || before != use;
        _excepted[id] = use;
        return isNews;
    }

    private async Task<bool> StopAsync(string id, Decision decision, CancellationToken cancellation)
    {
        try
        {
            await engine.StopContainerAsync(id, cancellation).ConfigureAwait(false);
            var reason = decision.Reason.ToText();
            Log.Stopped(logger, id, reason, decision.Message);
            return true;
        }
        catch (EngineException e)
        {
            Log.NotStopped(logger, id, e.Message);
            return false;
        }
    }

    private void Record(Decision decision, string answer, TrustPolicy policy, long begun)
    {
        meter?.Decided(decision, DecisionMeter.UnaskedPhase, answer);
        try
        {
            audit.Write(AuditRecords.From(
                decision, null, DecisionMeter.UnaskedPhase, policy.Mode.ToString().ToLowerInvariant(), answer, time.GetUtcNow(), time.GetElapsedTime(begun)));
        }
        catch (IOException e)
        {
            Log.NotRecorded(logger, decision.ContainerId ?? "", e.Message);
        }
    }
}
