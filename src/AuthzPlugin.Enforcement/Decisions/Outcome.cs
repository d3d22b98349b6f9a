namespace AuthzPlugin.Enforcement.Decisions;

/// <summary>What was found. Refused and undecided deny; they are different values everywhere (answer, audit, metrics).</summary>
public enum Outcome
{
    /// <summary>A pinned key signed the content.</summary>
    Trusted,

    /// <summary>The evidence says no.</summary>
    Refused,

    /// <summary>The evidence could not be had.</summary>
    Undecided,

    /// <summary>It is not trusted, and an exception of the policy lets it pass all the same.</summary>
    Excepted,
}
