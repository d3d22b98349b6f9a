using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.TrustData;

namespace AuthzPlugin.Enforcement.Metrics;

/// <summary>What is read off the parts of the service when somebody asks for metrics. Every reading is quick and from memory.</summary>
public sealed record ServiceReadings
{
    public required string Version { get; init; }

    public required PolicyHolder Policy { get; init; }

    /// <summary>The mode that decides now, break-glass included; null when the policy is invalid.</summary>
    public required Func<EnforcementMode?> Mode { get; init; }

    /// <summary>Whether break-glass holds the mode open.</summary>
    public required Func<bool> BreakGlass { get; init; }

    public required Func<int> Approvals { get; init; }

    public required Func<long> AuditFailures { get; init; }

    /// <summary>Containers that run and should not.</summary>
    public required Func<int> RunningRefused { get; init; }

    /// <summary>When trust data in use expires, the soonest first.</summary>
    public required Func<IReadOnlyList<RepositoryExpiry>> Expiries { get; init; }
}
