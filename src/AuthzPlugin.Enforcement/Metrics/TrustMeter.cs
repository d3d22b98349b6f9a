using System.Diagnostics.Metrics;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.Metrics;

/// <summary>Counts and times trust servers, and where trust data comes from. Nothing here waits or throws.</summary>
public sealed class TrustMeter
{
    internal const string FromCache = "cache";
    internal const string FromServer = "server";
    internal const string Stale = "stale";
    internal const string Nowhere = "none";

    private readonly Histogram<double> _duration;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _answers;
    private readonly Histogram<double> _staleAge;
    private readonly LabelValues<TransportFault> _faults = new();
    private readonly LabelValues<RepositoryFault> _dataFaults = new();
    private readonly ServerNames _servers;
    private readonly TimeProvider _time;

    internal TrustMeter(Instruments instruments, Func<TrustPolicy?> policy, TimeProvider time)
    {
        _duration = instruments.Histogram(MetricCatalogue.ServerDuration);
        _failures = instruments.Counter(MetricCatalogue.ServerFailures);
        _answers = instruments.Counter(MetricCatalogue.TrustDataAnswers);
        _staleAge = instruments.Histogram(MetricCatalogue.StaleAge);
        _servers = new ServerNames(policy);
        _time = time;
    }

    /// <summary>A request to a trust server has ended.</summary>
    /// <param name="started">Timestamp of <see cref="TimeProvider"/> when it began.</param>
    /// <param name="problem">Null when there was an answer; one that says "no such file" is one.</param>
    internal void Asked(Uri server, long started, Exception? problem)
    {
        if (!_duration.Enabled && !_failures.Enabled)
        {
            return;
        }

        var name = new KeyValuePair<string, object?>("server.address", _servers.NameOf(server));
        _duration.Record(_time.GetElapsedTime(started).TotalSeconds, name);
        if (problem is not null)
        {
            _failures.Add(1, name, new("error.type", KindOf(problem)));
        }
    }

    /// <summary>A question for trust data was answered, or could not be (<see cref="Nowhere"/>).</summary>
    internal void Answered(string source) => _answers.Add(1, new KeyValuePair<string, object?>("source", source));

    /// <summary>Cached data answers although the server could not confirm it.</summary>
    /// <param name="age">Null when it is not known when it was last checked; then it is not counted.</param>
    internal void AnsweredStale(TimeSpan? age)
    {
        Answered(Stale);
        if (age is { } known)
        {
            _staleAge.Record(known.TotalSeconds);
        }
    }

    // A budget that ended is the server's silence, as far as can be told here.
    private string KindOf(Exception problem) => problem switch
    {
        TransportException e => _faults[e.Fault],
        RepositoryException e => _dataFaults[e.Fault],
        OperationCanceledException => _faults[TransportFault.TimedOut],
        _ => "internal",
    };
}
