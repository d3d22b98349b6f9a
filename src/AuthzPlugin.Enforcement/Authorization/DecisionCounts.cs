using AuthzPlugin.Enforcement.Decisions;

namespace AuthzPlugin.Enforcement.Authorization;

/// <summary>How many decisions were given since the start of the process, those of floods included. Safe for concurrent use.</summary>
public sealed class DecisionCounts
{
    private long _trusted;
    private long _excepted;
    private long _refused;
    private long _undecided;
    private long _denied;

    public long Trusted => Interlocked.Read(ref _trusted);

    public long Excepted => Interlocked.Read(ref _excepted);

    public long Refused => Interlocked.Read(ref _refused);

    public long Undecided => Interlocked.Read(ref _undecided);

    /// <summary>Of all of them, those that the engine was told to deny; the others passed (trusted, excepted, or the mode is permissive).</summary>
    public long Denied => Interlocked.Read(ref _denied);

    internal void Add(Outcome outcome, bool denied)
    {
        switch (outcome)
        {
            case Outcome.Trusted:
                Interlocked.Increment(ref _trusted);
                break;
            case Outcome.Excepted:
                Interlocked.Increment(ref _excepted);
                break;
            case Outcome.Refused:
                Interlocked.Increment(ref _refused);
                break;
            default:
                Interlocked.Increment(ref _undecided);
                break;
        }

        if (denied)
        {
            Interlocked.Increment(ref _denied);
        }
    }
}
