using AuthzPlugin.Enforcement.Decisions;

namespace AuthzPlugin.Enforcement.Running;

/// <summary>A container that runs although it would not be allowed to start, or of which that is not known.</summary>
/// <param name="Name">As the engine showed it.</param>
/// <param name="Fingerprint">Of the policy it was decided under.</param>
/// <param name="Looks">How often it was decided since it started.</param>
/// <param name="Stopped">It was stopped for it.</param>
public sealed record RunningFinding(
    string ContainerId, string Name, DateTimeOffset? StartedAt, Outcome Outcome, ReasonCode Reason, string Message, string Fingerprint, int Looks, bool Stopped);
