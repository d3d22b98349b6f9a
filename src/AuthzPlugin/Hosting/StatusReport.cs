using System.Globalization;
using System.Reflection;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Running;
using AuthzPlugin.Protocol;

namespace AuthzPlugin.Hosting;

/// <summary>Collects what <c>status</c> shows.</summary>
internal static class StatusReport
{
    public static string Version { get; } =
        typeof(StatusReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    public static ServiceStatus Collect(PolicyHolder holder, ServiceParts parts, DateTimeOffset now)
    {
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
            PolicyProblems = [.. problems.Select(p => p.ToString())],
            PolicyWarnings = [.. warnings.Concat(policy is null ? [] : ExceptionAdvice.Warnings(policy, now)).Select(p => p.ToString())],
            Exceptions = [.. policy?.Exceptions.All.Where(e => e.IsInForce(now)).Select(e => e.ToString()) ?? []],
            Approvals = parts.Approvals.Count,
            TrustServerProblems = [.. parts.Trust.ServerProblems().Select(p => string.Create(
                CultureInfo.InvariantCulture, $"{p.Server}: {p.Problem} (last tried {p.Since:O}, next try {p.NextTry:O})"))],
            HostWarnings = parts.Host.Warnings,
            RunningRefused = [.. parts.Running.Findings.Select(From)],
        };
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
