namespace AuthzPlugin.Enforcement.Authorization;

/// <summary>What the engine is told. <paramref name="Message"/> reaches the user behind "authorization denied by plugin content-trust: ".</summary>
public sealed record Answer(bool Allow, string Message)
{
    public static readonly Answer Allowed = new(true, "");

    public static Answer Denied(string message) => new(false, message);
}

/// <summary>The engine's report of a request's result.</summary>
/// <param name="Status">HTTP status of the reply; 0 when the engine's handler failed.</param>
/// <param name="Body">The reply's JSON, as far as the engine passed it on.</param>
public sealed record EngineResult(int Status, ReadOnlyMemory<byte> Body)
{
    public bool IsSuccess => Status is >= 200 and < 300;
}

/// <summary>The policy that a request is decided under: a snapshot, or the sentence that refuses everything but reads.</summary>
public sealed record PolicyInForce(Policy.TrustPolicy? Policy, string InvalidMessage);

/// <summary>Budgets of the authorization service.</summary>
/// <param name="DecisionTimeout">Longest time for one answer.</param>
public sealed record AuthorizationOptions(TimeSpan DecisionTimeout)
{
    /// <summary>Most image decisions at a time; further ones wait for a place. Starts with an approval need none.</summary>
    public int MaxConcurrentDecisions { get; init; } = 64;

    /// <summary>In enforced mode nothing is allowed whose audit record cannot be written.</summary>
    public bool RefuseUnrecorded { get; init; } = true;

    /// <summary>
    /// How long a start by name keeps names still, and the other way round. The engine resolves a name at once after our answer,
    /// so half the decision budget is ample, and leaves the other half for the decision.
    /// </summary>
    public TimeSpan GateBudget => DecisionTimeout / 2;
}
