using AuthzPlugin.Enforcement.Authorization;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Trust.References;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Gate.BuildKit;

/// <summary>Decides one image that a build names; see <see cref="BaseImages.DecideAsync"/>.</summary>
public delegate Task<Decision> DecideBaseImage(string image, TrustPolicy policy, CancellationToken cancellation);

/// <summary>Writes the record of a build; see <see cref="GateBuilds.Record"/>.</summary>
public delegate Answer RecordBuild(Decision decision, string target, CallerIdentity caller, TrustPolicy policy, long started);

/// <summary>Remembers an image that was built from signed images only; see <see cref="GateBuilds.RememberAsync"/>.</summary>
public delegate Task RememberBuild(
    Digest imageId, IReadOnlyCollection<Decision> bases, CallerIdentity caller, TrustPolicy policy, CancellationToken cancellation);

/// <summary>What the gate needs for BuildKit besides its connections.</summary>
public sealed record BuildKitParts
{
    public required DecideBaseImage Decide { get; init; }

    public required RecordBuild Record { get; init; }

    public required RememberBuild Remember { get; init; }

    /// <summary>For one image.</summary>
    public required TimeSpan DecisionTimeout { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Logger { get; init; }
}
