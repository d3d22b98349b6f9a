namespace AuthzPlugin.Enforcement.Policy;

/// <summary>How a reload ended.</summary>
public enum ReloadOutcome
{
    /// <summary>The stanza is the same, byte for byte, in the same place.</summary>
    Unchanged,

    /// <summary>A new policy is in force.</summary>
    Replaced,

    /// <summary>The new policy is bad: the last good one stays in force.</summary>
    Refused,

    /// <summary>There has been no good policy yet, and there still is none.</summary>
    StillInvalid,
}

/// <summary>What a reload did, for the log and the audit record.</summary>
/// <param name="State">What is in force now.</param>
/// <param name="Problems">Why the new policy was refused; empty otherwise.</param>
/// <param name="Warnings">About the policy that was read, whether refused or not.</param>
public sealed record PolicyReload(
    ReloadOutcome Outcome,
    PolicyState State,
    IReadOnlyList<PolicyProblem> Problems,
    IReadOnlyList<PolicyProblem> Warnings);
