namespace AuthzPlugin.Enforcement.Policy;

/// <summary>What <c>status</c> shows about the policy: all of one moment.</summary>
/// <param name="InForceSince">When this state began.</param>
/// <param name="LastAttempt">When the files were last read.</param>
/// <param name="RefusedProblems">Problems of the last reload when it was refused and an older policy is in force; else empty.</param>
public sealed record PolicySnapshot(
    PolicyState State,
    DateTimeOffset InForceSince,
    DateTimeOffset LastAttempt,
    IReadOnlyList<PolicyProblem> RefusedProblems)
{
    /// <summary>How that reading ended; null: it was the first.</summary>
    public ReloadOutcome? LastOutcome { get; init; }
}

/// <summary>
/// The policy in force. Readers take one volatile reference and never wait; a request takes it once and keeps it.
/// Reloads may come from any thread, one at a time.
/// </summary>
public sealed class PolicyHolder
{
    private readonly Func<PolicyLoadResult> _load;
    private readonly TimeProvider _time;
    private readonly Lock _reloading = new();
    private readonly long[] _reloads = new long[Enum.GetValues<ReloadOutcome>().Length];
    private bool _stanzaSeen;
    private volatile PolicySnapshot _snapshot;

    /// <summary>Reads the policy for the first time. A bad one is a state, not an exception.</summary>
    /// <param name="load">Usually <see cref="PolicyLoader.Load"/>.</param>
    public PolicyHolder(Func<PolicyLoadResult> load, TimeProvider time)
    {
        _load = load;
        _time = time;
        var first = load();
        _stanzaSeen = first.StanzaSeen;
        var now = time.GetUtcNow();
        _snapshot = new PolicySnapshot(StateOf(first), now, now, []);
    }

    public PolicyState State => _snapshot.State;

    public PolicySnapshot Snapshot => _snapshot;

    /// <summary>How many reloads ended so since the start.</summary>
    public long Reloads(ReloadOutcome outcome) => Interlocked.Read(ref _reloads[(int)outcome]);

    /// <summary>Reads the files again. A bad policy is refused as a whole; one that was there and is gone is bad.</summary>
    public PolicyReload Reload()
    {
        lock (_reloading)
        {
            var loaded = WithLoss(_load());
            var reload = Compare(loaded);
            Interlocked.Increment(ref _reloads[(int)reload.Outcome]);
            _stanzaSeen |= loaded.StanzaSeen;
            var now = _time.GetUtcNow();
            _snapshot = new PolicySnapshot(
                reload.State,
                reload.Outcome == ReloadOutcome.Replaced ? now : _snapshot.InForceSince,
                now,
                reload.Outcome == ReloadOutcome.Refused ? reload.Problems : [])
            {
                LastOutcome = reload.Outcome,
            };
            return reload;
        }
    }

    private PolicyReload Compare(PolicyLoadResult loaded)
    {
        var (outcome, state) = (loaded.Policy, _snapshot.State) switch
        {
            (null, GoodPolicy good) => (ReloadOutcome.Refused, good),
            (null, _) => (ReloadOutcome.StillInvalid, StateOf(loaded)),
            ({ } policy, GoodPolicy good) when IsSame(policy, good.Policy) => (ReloadOutcome.Unchanged, StateOf(loaded)),
            _ => (ReloadOutcome.Replaced, StateOf(loaded)),
        };
        return new PolicyReload(outcome, state, loaded.Problems, loaded.Warnings);
    }

    private static bool IsSame(TrustPolicy one, TrustPolicy other) => one.Fingerprint == other.Fingerprint && one.Source == other.Source;

    private static PolicyState StateOf(PolicyLoadResult result) => result.Policy is { } policy
        ? new GoodPolicy(policy, result.Warnings)
        : new InvalidPolicy(result.Problems, result.Warnings);

    /// <summary>Nobody switches content trust off by losing a file: that takes <c>"mode": "disabled"</c>, or a restart.</summary>
    private PolicyLoadResult WithLoss(PolicyLoadResult loaded)
    {
        if (!_stanzaSeen || loaded.Policy is null || loaded.StanzaSeen)
        {
            return loaded;
        }

        var place = _snapshot.State is GoodPolicy { Policy.Source: { } source } ? source : "policy";
        var loss = new PolicyProblem(
            place,
            "content-trust",
            "no policy any more",
            "a content-trust stanza",
            "restore it; to switch content trust off on purpose write \"mode\": \"disabled\"");
        return loaded with { Policy = null, Problems = [loss] };
    }
}
