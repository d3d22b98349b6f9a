using System.Reflection;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Enforcement.Running;
using AuthzPlugin.Protocol;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Hosting;

/// <summary>Collects what <c>status</c> shows.</summary>
internal static class StatusReport
{
    public static string Version { get; } =
        typeof(StatusReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    /// <summary>An engine that hangs must not keep the rest from being shown.</summary>
    private static readonly TimeSpan EngineBudget = TimeSpan.FromSeconds(2);

    /// <param name="days">Trust data that expires within so many days is named.</param>
    public static async Task<ServiceStatus> CollectAsync(
        PolicyHolder holder, ServiceParts parts, GateReport gate, TimeProvider time, int days, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var engine = await LookAtEngineAsync(new EngineClient(parts.EngineTransport, time), cancellation).ConfigureAwait(false);
        var snapshot = holder.Snapshot;
        var policy = (snapshot.State as GoodPolicy)?.Policy;
        var (problems, warnings) = snapshot.State switch
        {
            InvalidPolicy invalid => (invalid.Problems, invalid.Warnings),
            GoodPolicy good => (snapshot.RefusedProblems, good.Warnings),
            _ => throw new InvalidOperationException("a policy state is good or invalid"),
        };
        return new ServiceStatus
        {
            Version = Version,
            Mode = policy?.Mode.ToString().ToLowerInvariant() ?? "invalid-policy",
            BreakGlass = parts.BreakGlass.Current is { } open && policy?.Mode == EnforcementMode.Enforced
                ? $"permissive until {open.Until:u}, opened {open.Since:u}: {open.Reason}"
                : null,
            PolicySource = policy?.Source,
            PolicyFingerprint = policy?.Fingerprint,
            InForceSince = snapshot.InForceSince,
            LastReload = new ReloadStatus
            {
                At = snapshot.LastAttempt,
                Outcome = snapshot.LastOutcome?.ToString().ToLowerInvariant() ?? "started",
            },
            PolicyProblems = [.. problems.Select(p => p.ToString())],
            PolicyWarnings =
            [
                .. warnings.Concat(policy is null ? [] : ExceptionAdvice.Warnings(policy, now)).Select(p => p.ToString()),
                .. policy is null ? [] : SignatureReport.Endings(policy, now),
            ],
            Exceptions = [.. policy?.Exceptions.All.Where(e => e.IsInForce(now)).Select(e => e.ToString()) ?? []],
            Approvals = parts.Approvals.Count,
            Engine = engine,
            Gate = gate.Collect(),
            Decisions = DecisionStatus.From(parts.Decisions),
            TrustServers = [.. parts.Trust.Servers().Select(TrustServerStatus.From)],
            Cache = LookAtCache(parts, now.AddDays(days)),
            HostWarnings = parts.Host.Warnings,
            RunningRefused = [.. parts.Running.Findings.Select(From)],
        };
    }

    private static async Task<EngineStatus> LookAtEngineAsync(EngineClient engine, CancellationToken cancellation)
    {
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        budget.CancelAfter(EngineBudget);
        try
        {
            var found = await engine.IdentityAsync(budget.Token).ConfigureAwait(false);
            return new EngineStatus { Version = UntrustedText.Escape(found.ServerVersion), Store = found.Store.ToString().ToLowerInvariant() };
        }
        catch (EngineException e)
        {
            return new EngineStatus { Problem = UntrustedText.Escape(e.Message) };
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new EngineStatus { Problem = $"the engine did not answer in {EngineBudget.TotalSeconds:0} s" };
        }
    }

    private static CacheStatus LookAtCache(ServiceParts parts, DateTimeOffset until)
    {
        try
        {
            return CacheStatus.From(parts.Trust.List(), until);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return CacheStatus.From([], until) with { Problem = e.Message };
        }
    }

    private static RunningContainerStatus From(RunningFinding finding) => new()
    {
        ContainerId = finding.ContainerId,
        Name = finding.Name,
        StartedAt = finding.StartedAt,
        Outcome = finding.Outcome.ToString().ToLowerInvariant(),
        Reason = finding.Reason.ToText(),
        Message = finding.Message,
        Stopped = finding.Stopped,
    };
}
