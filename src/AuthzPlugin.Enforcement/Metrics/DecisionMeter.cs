using System.Diagnostics;
using System.Diagnostics.Metrics;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Enforcement.Policy.Signatures;

namespace AuthzPlugin.Enforcement.Metrics;

/// <summary>Counts and times what is answered. Nothing here allocates, waits or throws.</summary>
public sealed class DecisionMeter
{
    public const string RequestPhase = "request";
    public const string ResponsePhase = "response";
    public const string UnaskedPhase = "unasked-start";

    private readonly Counter<long> _decisions;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _unasked;
    private readonly LabelValues<Outcome> _outcomes = new();
    private readonly LabelValues<ReasonCode> _reasons = new();
    private readonly TimeProvider _time;

    internal DecisionMeter(Instruments instruments, TimeProvider time)
    {
        _decisions = instruments.Counter(MetricCatalogue.Decisions);
        _duration = instruments.Histogram(MetricCatalogue.RequestDuration);
        _unasked = instruments.Counter(MetricCatalogue.UnaskedStarts);
        _time = time;
    }

    /// <param name="phase">One of the constants above.</param>
    /// <param name="answer">What came of it: <c>allow</c>, <c>deny</c>, <c>would-deny</c>, <c>report</c>, <c>stop</c>.</param>
    internal void Decided(Decision decision, string phase, string answer)
    {
        var tags = new TagList
        {
            { "outcome", _outcomes[decision.Outcome] },
            { "reason", _reasons[decision.Reason] },
            { "phase", phase },
            { "answer", answer },
            { "evidence", EvidenceOf(decision) },
        };
        _decisions.Add(1, tags);
        if (phase == UnaskedPhase)
        {
            _unasked.Add(1, new("outcome", _outcomes[decision.Outcome]), new("answer", answer));
        }
    }

    /// <summary>A word of a few, whatever entries of the policy combine.</summary>
    private static string EvidenceOf(Decision decision) => decision.DecidedBy switch
    {
        [] => "none",
        [var kind] => kind.ToText(),
        _ => "several",
    };

    /// <param name="request">Null when the engine's message was empty or unreadable.</param>
    /// <param name="started">Timestamp of <see cref="TimeProvider"/> when the question came.</param>
    internal void Answered(EngineRequest? request, string phase, long started)
    {
        if (_duration.Enabled)
        {
            _duration.Record(_time.GetElapsedTime(started).TotalSeconds, new("kind", RequestKinds.Of(request)), new("phase", phase));
        }
    }
}
