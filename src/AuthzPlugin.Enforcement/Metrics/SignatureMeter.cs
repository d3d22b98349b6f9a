using System.Diagnostics.Metrics;
using AuthzPlugin.Enforcement.Policy.Signatures;

namespace AuthzPlugin.Enforcement.Metrics;

/// <summary>Counts where signatures of images come from, and times the searches for them. Nothing here waits or throws.</summary>
public sealed class SignatureMeter
{
    internal const string FromMemory = "cache";
    internal const string FromRegistry = "registry";
    internal const string Nowhere = "none";

    private readonly Counter<long> _answers;
    private readonly Histogram<double> _duration;
    private readonly TimeProvider _time;

    internal SignatureMeter(Instruments instruments, TimeProvider time)
    {
        _answers = instruments.Counter(MetricCatalogue.SignatureAnswers);
        _duration = instruments.Histogram(MetricCatalogue.SignatureSearchDuration);
        _time = time;
    }

    /// <summary>A question for signatures was answered, or could not be (<see cref="Nowhere"/>).</summary>
    internal void Answered(EvidenceKind kind, string source) => _answers.Add(1, Tag(kind), new("source", source));

    /// <summary>A search in a registry has ended, whatever it found.</summary>
    /// <param name="started">Timestamp of <see cref="TimeProvider"/> when it began.</param>
    internal void Searched(EvidenceKind kind, long started) => _duration.Record(_time.GetElapsedTime(started).TotalSeconds, Tag(kind));

    private static KeyValuePair<string, object?> Tag(EvidenceKind kind) => new("evidence", kind.ToText());
}
