using AuthzPlugin.Enforcement.Metrics;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.TrustData.Cache;
using AuthzPlugin.Enforcement.TrustData.Refresh;
using AuthzPlugin.Enforcement.TrustData.Transport;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.Pinning;
using AuthzPlugin.Trust.References;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.TrustData;

/// <summary>
/// Answers with verified trust data of a repository under the policy of the moment: from memory while it is fresh, from the
/// server otherwise, and from the cache while the server cannot be asked. Pins apply to every answer. Safe for concurrent use.
/// </summary>
public sealed class TrustDataService : ITrustData, IAsyncDisposable
{
    /// <summary>Data that no server confirmed for so long belongs to a repository that nobody uses.</summary>
    private static readonly TimeSpan InUse = TimeSpan.FromDays(7);

    private readonly TimeProvider _time;
    private readonly TrustMeter? _meter;
    private readonly TrustCache _cache;
    private readonly CopyStore _copies;
    private readonly ServerBackOff _backOff;
    private readonly ServerHistory _servers;
    private readonly RepositoryRefresher _refresher;
    private readonly FailureMemory<RefreshKey> _failures;
    private readonly SingleFlight<RefreshKey, RefreshOutcome> _flights = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <param name="meter">Counts answers; null: nothing is counted.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public TrustDataService(
        TrustDataOptions options, NotaryTransport transport, TimeProvider time, ILogger<TrustDataService> logger, TrustMeter? meter = null)
    {
        options.Validate();
        _time = time;
        _meter = meter;
        _cache = new TrustCache(options, time, logger);
        _copies = new CopyStore(options.MemoryBytes);
        _backOff = new ServerBackOff(options.BackOffFirst, options.BackOffMaximum, time);
        _servers = new ServerHistory(time);
        _failures = new FailureMemory<RefreshKey>(options.FailureMemory, time);
        _refresher = new RepositoryRefresher(transport, _cache, _copies, _backOff, _servers, options, time, logger);
    }

    /// <inheritdoc/>
    /// <exception cref="OperationCanceledException">The caller's budget ran out.</exception>
    public async Task<SignedRepository> GetAsync(RepositoryName repository, TrustPolicy policy, CancellationToken cancellation)
    {
        SignedRepository? answer = null;
        try
        {
            return answer = await FindAsync(repository, policy, cancellation).ConfigureAwait(false);
        }
        finally
        {
            Count(answer);
        }
    }

    /// <inheritdoc/>
    public async Task<SignedRepository?> PeekAsync(RepositoryName repository, TrustPolicy policy, CancellationToken cancellation)
    {
        var pin = policy.Pins.Match(repository);
        var copy = pin is null ? null : await _refresher.KnownAsync(repository, pin, cancellation).ConfigureAwait(false);
        return copy is null ? null : Answer(copy, fromCache: true, problem: null);
    }

    /// <summary>
    /// Forgets what is cached and remembered of a repository, versions included: the explicit reset after a publisher started anew.
    /// False when nothing was known.
    /// </summary>
    /// <exception cref="IOException">The disk does not do it.</exception>
    /// <exception cref="UnauthorizedAccessException">A file cannot be opened, or is a directory.</exception>
    public async Task<bool> ForgetAsync(RepositoryName repository, CancellationToken cancellation)
    {
        _copies.Remove(repository);
        _failures.Clear();
        return await _cache.ForgetAsync(repository, cancellation).ConfigureAwait(false);
    }

    /// <summary>Every repository of which something is kept, by name.</summary>
    /// <exception cref="IOException">The disk does not read.</exception>
    public IReadOnlyList<CachedRepository> List() => _cache.List();

    /// <summary>Drops what is cached of a repository; the versions that were seen stay. False when nothing was cached.</summary>
    /// <exception cref="IOException">The disk does not do it.</exception>
    public async Task<bool> PurgeAsync(RepositoryName repository, CancellationToken cancellation)
    {
        _copies.Remove(repository);
        _failures.Clear();
        return await _cache.PurgeAsync(repository, cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// When the data of the repositories that are in use and pinned expires, the soonest first. Timestamps do not count: their server
    /// signs them anew once they have expired, and not before.
    /// </summary>
    public IReadOnlyList<RepositoryExpiry> Expiries(TrustPolicy policy)
    {
        var now = _time.GetUtcNow();
        return
        [
            .. _copies.All()
                .Where(c => c.Age(now) < InUse && policy.Pins.Match(c.Verified.Repository) is { } pin && c.IsUnder(pin))
                .Select(c => new RepositoryExpiry(c.Verified.Repository, c.Verified.PublisherExpiry))
                .OrderBy(e => e.At).ThenBy(e => e.Repository.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>Servers that could not be reached when they were last asked.</summary>
    public IReadOnlyList<TrustServerProblem> ServerProblems() =>
        [.. _backOff.Failures
            .Select(f => new TrustServerProblem(f.Key, f.Value.Problem.Message, f.Value.At, f.Value.At + f.Value.Pause))
            .OrderBy(p => p.Server, StringComparer.Ordinal)];

    /// <summary>Every server that was asked since the start.</summary>
    public IReadOnlyList<TrustServerState> Servers()
    {
        var waiting = _backOff.Failures.ToDictionary(f => f.Key, f => f.Value.At + f.Value.Pause, StringComparer.Ordinal);
        return [.. _servers.All.Select(s => waiting.TryGetValue(s.Server, out var next) ? s with { NextTry = next } : s)];
    }

    /// <summary>Ends running updates and waits for them.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        try
        {
            await _flights.DrainAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // What was just asked for.
        }

        _stopping.Dispose();
    }

    private async Task<SignedRepository> FindAsync(RepositoryName repository, TrustPolicy policy, CancellationToken cancellation)
    {
        var pin = policy.Pins.Match(repository)
            ?? throw new RepositoryException(RepositoryFault.PinMismatch, $"no root key is pinned for {repository}", "root");
        var endpoint = EndpointOf(repository, policy);
        var copy = _copies.Get(repository);
        if (copy is not null && IsFresh(copy, pin, endpoint, policy))
        {
            return Answer(copy, fromCache: true, problem: null);
        }

        var key = RefreshKey.Of(repository, pin, endpoint.Base);
        var outcome = _failures.Recent(key)
            ?? await _flights.JoinAsync(key, () => RefreshAsync(key, endpoint, pin), cancellation).ConfigureAwait(false);
        return outcome.Problem is { } problem
            ? Stale(endpoint, outcome.Copy, problem, policy)
            : Answer(outcome.Copy!, fromCache: false, problem: null);
    }

    private void Count(SignedRepository? answer)
    {
        switch (answer)
        {
            case null:
                _meter?.Answered(TrustMeter.Nowhere);
                break;
            case { Stale: true }:
                _meter?.AnsweredStale(_time.GetUtcNow() - answer.CheckedAt);
                break;
            default:
                _meter?.Answered(answer.FromCache ? TrustMeter.FromCache : TrustMeter.FromServer);
                break;
        }
    }

    private async Task<RefreshOutcome> RefreshAsync(RefreshKey key, NotaryEndpoint endpoint, RootPin pin)
    {
        var outcome = await _refresher.RefreshAsync(endpoint, pin, _stopping.Token).ConfigureAwait(false);
        if (outcome.WasAsked)
        {
            _failures.Keep(key, outcome);
        }

        return outcome;
    }

    private bool IsFresh(RepositoryCopy copy, RootPin pin, NotaryEndpoint endpoint, TrustPolicy policy)
    {
        var now = _time.GetUtcNow();
        return copy.Server == endpoint.Base && copy.IsUnder(pin) && copy.IsCurrent(now) && copy.Age(now) is { } age && age < policy.Freshness;
    }

    /// <summary>Answers from the cache if the rules allow that, else says why the server and the cache do not.</summary>
    private SignedRepository Stale(NotaryEndpoint endpoint, RepositoryCopy? copy, TrustException problem, TrustPolicy policy)
    {
        var whyNot = StaleRules.WhyNot(copy, policy, _time.GetUtcNow());
        switch (problem)
        {
            case TransportException e when StaleRules.IsOutage(e):
                return copy is not null && whyNot is null
                    ? Answer(copy, fromCache: true, e.Message)
                    : throw new TransportException(
                        e.Fault, $"{e.Message} and {whyNot} for {endpoint.Repository}{TrustDataHints.DockerHubNotice(endpoint)}", e);
            case RepositoryException { Fault: RepositoryFault.NotFound } e:
                return copy is not null && whyNot is null && IsInGrace(endpoint.Repository, policy)
                    ? Answer(copy, fromCache: true, e.Message)
                    : throw Copy(e, endpoint);
            case RepositoryException e:
                throw Copy(e, endpoint);
            default:
                throw new TransportException(((TransportException)problem).Fault, problem.Message, problem);
        }
    }

    private bool IsInGrace(RepositoryName repository, TrustPolicy policy) =>
        StaleRules.IsInGrace(_cache.Memory(repository).MissingSince, policy, _time.GetUtcNow());

    // A new exception for each caller: an outcome is shared, and a thrown exception is not safe to share.
    private static RepositoryException Copy(RepositoryException e, NotaryEndpoint endpoint)
    {
        var notice = e.Fault is RepositoryFault.Expired or RepositoryFault.NotFound ? TrustDataHints.DockerHubNotice(endpoint) : "";
        return new RepositoryException(e.Fault, e.Message + notice, e.Role, e);
    }

    private static NotaryEndpoint EndpointOf(RepositoryName repository, TrustPolicy policy)
    {
        var server = policy.TrustServers.For(repository);
        try
        {
            return new NotaryEndpoint(server, repository);
        }
        catch (ArgumentException e)
        {
            throw new TransportException(
                TransportFault.Protocol, $"{UntrustedText.Escape(server.OriginalString)} is not the URL of a trust server", e);
        }
    }

    private static SignedRepository Answer(RepositoryCopy copy, bool fromCache, string? problem)
    {
        var verified = copy.Verified;
        return new SignedRepository(
            verified.Repository,
            copy.Tags,
            verified.RootKeyIds,
            verified.RootCertificateIds,
            verified.Versions[RoleName.Root],
            verified.EarliestExpiry,
            copy.CheckedAt,
            fromCache,
            Stale: problem is not null,
            problem);
    }
}

/// <summary>A trust server that could not be reached.</summary>
/// <param name="Problem">Half a sentence for a person.</param>
/// <param name="Since">When it was last asked in vain.</param>
/// <param name="NextTry">Until then cached data answers without asking it.</param>
public sealed record TrustServerProblem(string Server, string Problem, DateTimeOffset Since, DateTimeOffset NextTry);

/// <summary>When the trust data of a repository expires.</summary>
public sealed record RepositoryExpiry(RepositoryName Repository, DateTimeOffset At);
