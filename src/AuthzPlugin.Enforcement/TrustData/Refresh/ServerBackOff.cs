using System.Collections.Concurrent;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.TrustData.Refresh;

/// <summary>
/// Servers that could not be reached, and until when those with cached data leave them alone: 5 s after the first failure,
/// doubling to 60 s. Safe for concurrent use.
/// </summary>
internal sealed class ServerBackOff(TimeSpan first, TimeSpan maximum, TimeProvider time)
{
    private const int MaximumServers = 1024;

    private readonly ConcurrentDictionary<string, ServerFailure> _failures = new(StringComparer.Ordinal);

    /// <summary>Every server whose last answer was a failure.</summary>
    public IReadOnlyCollection<KeyValuePair<string, ServerFailure>> Failures => [.. _failures];

    /// <summary>Why the server is left alone now; null when it may be asked.</summary>
    public TransportException? Problem(string server) =>
        _failures.TryGetValue(server, out var failure) && IsBefore(time.GetUtcNow(), failure) ? failure.Problem : null;

    public void Succeeded(string server) => _failures.TryRemove(server, out _);

    /// <summary>Counts a failure and says how long the server is left alone. Failures during that time are the same outage.</summary>
    public TimeSpan Failed(string server, TransportException problem)
    {
        if (_failures.Count >= MaximumServers)
        {
            _failures.Clear();
        }

        var now = time.GetUtcNow();
        return _failures.AddOrUpdate(
            server,
            _ => new ServerFailure(problem, now, first),
            (_, last) => IsBefore(now, last) ? last : new ServerFailure(problem, now, Longer(last.Pause))).Pause;
    }

    private TimeSpan Longer(TimeSpan pause) => pause * 2 < maximum ? pause * 2 : maximum;

    // A clock that was set back must not keep a server out for longer than its pause.
    private static bool IsBefore(DateTimeOffset now, ServerFailure failure) => now >= failure.At && now < failure.At + failure.Pause;
}

/// <summary>The last failure of a server, and for how long it is left alone after it.</summary>
internal sealed record ServerFailure(TransportException Problem, DateTimeOffset At, TimeSpan Pause);
