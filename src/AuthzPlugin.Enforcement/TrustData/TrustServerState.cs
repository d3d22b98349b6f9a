namespace AuthzPlugin.Enforcement.TrustData;

/// <summary>What is known of a trust server since the start of the process.</summary>
public sealed record TrustServerState(string Server)
{
    /// <summary>When it last answered an update, whatever it said; null: never.</summary>
    public DateTimeOffset? LastSuccess { get; init; }

    /// <summary>How long the last whole update of a repository took, all its requests together.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>When it last could not be asked; null: never.</summary>
    public DateTimeOffset? LastFailure { get; init; }

    /// <summary>Why it could not be asked that time, half a sentence.</summary>
    public string? Problem { get; init; }

    /// <summary>Until then cached data answers without asking it; null: it is asked.</summary>
    public DateTimeOffset? NextTry { get; init; }
}
