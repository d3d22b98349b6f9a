using AuthzPlugin.Enforcement.TrustData.Cache;
using AuthzPlugin.Enforcement.TrustData.Transport;
using AuthzPlugin.Enforcement.TrustData.Updates;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.Pinning;
using AuthzPlugin.Trust.References;
using AuthzPlugin.Trust.Verification;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.TrustData.Refresh;

/// <summary>
/// Brings one repository up to date: what memory or disk have is verified under the present pin, the server is asked
/// unless it is being left alone, and what it confirmed is kept.
/// </summary>
internal sealed class RepositoryRefresher(
    NotaryTransport transport,
    TrustCache cache,
    CopyStore copies,
    ServerBackOff backOff,
    ServerHistory servers,
    TrustDataOptions options,
    TimeProvider time,
    ILogger logger)
{
    private readonly NotaryUpdater _updater = new(transport, options.Metadata, time, logger);
    private readonly CachedVerifier _verifier = new(options.Metadata, time, logger);
    private readonly ServerGates _gates = new(options.UpdatesPerServer);

    /// <summary>Never throws for faults of data or network: they are in the outcome.</summary>
    public async Task<RefreshOutcome> RefreshAsync(NotaryEndpoint endpoint, RootPin pin, CancellationToken stopping)
    {
        using var budget = new CancellationTokenSource(options.UpdateTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(budget.Token, stopping);
        var copy = await KnownAsync(endpoint.Repository, pin, linked.Token).ConfigureAwait(false);
        if (copy is not null && backOff.Problem(endpoint.Base) is { } waiting)
        {
            return new RefreshOutcome(copy, waiting, WasAsked: false);
        }

        try
        {
            var updated = await AskAsync(endpoint, pin, copy, linked.Token).ConfigureAwait(false);
            backOff.Succeeded(endpoint.Base);
            return new RefreshOutcome(await KeepAsync(endpoint, pin, copy, updated, stopping).ConfigureAwait(false), null);
        }
        catch (TransportException e)
        {
            return new RefreshOutcome(copy, Unreachable(endpoint, e));
        }
        catch (OperationCanceledException e) when (!stopping.IsCancellationRequested)
        {
            var problem = TransportErrors.TimedOut($"trust server {endpoint.Base}", "finish an update", options.UpdateTimeout, e);
            return new RefreshOutcome(copy, Unreachable(endpoint, problem));
        }
        catch (RepositoryException e)
        {
            await RefusedAsync(endpoint, e, stopping).ConfigureAwait(false);
            return new RefreshOutcome(copy, e);
        }
    }

    /// <summary>The copy in memory when it holds under this pin, else what the files in memory or on disk give. Asks no server.</summary>
    public async Task<RepositoryCopy?> KnownAsync(RepositoryName repository, RootPin pin, CancellationToken cancellation)
    {
        var copy = copies.Get(repository);
        if (copy is not null && copy.IsUnder(pin) && copy.IsCurrent(time.GetUtcNow()))
        {
            return copy;
        }

        var memory = cache.Memory(repository);
        var files = copy?.Metadata.Files ?? cache.Files(repository);
        var verified = await _verifier.VerifyAsync(repository, pin, files, memory.FloorsFor(pin), cancellation).ConfigureAwait(false);
        if (verified is null)
        {
            return null;
        }

        var known = new RepositoryCopy(verified, pin, copy?.Server, copy is null ? memory.CheckedAt : copy.CheckedAt);
        copies.Put(repository, known);
        return known;
    }

    private async Task<UpdatedMetadata> AskAsync(NotaryEndpoint endpoint, RootPin pin, RepositoryCopy? copy, CancellationToken cancellation)
    {
        using var pass = await _gates.EnterAsync(endpoint.Base, cancellation).ConfigureAwait(false);
        var repository = endpoint.Repository;
        var files = copy?.Metadata.Files ?? copies.Get(repository)?.Metadata.Files ?? cache.Files(repository);
        var current = copy is not null && copy.IsCurrent(time.GetUtcNow()) ? copy.Metadata : null;
        var begun = time.GetTimestamp();
        var updated = await _updater.UpdateAsync(endpoint, pin, files, current, Floors(repository, pin, copy), cancellation).ConfigureAwait(false);
        servers.Answered(endpoint.Base, time.GetElapsedTime(begun));
        return updated;
    }

    // The versions of verified cached files count too: a crash may have come between writing them and remembering them.
    private VersionFloors Floors(RepositoryName repository, RootPin pin, RepositoryCopy? copy)
    {
        var memory = cache.Memory(repository);
        return (copy is null ? memory : memory.With(copy.Verified, pin, default)).FloorsFor(pin);
    }

    // Not within the update's budget: what was verified is kept. Waiting for the file lock has its own.
    private async Task<RepositoryCopy> KeepAsync(
        NotaryEndpoint endpoint, RootPin pin, RepositoryCopy? before, UpdatedMetadata updated, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var copy = new RepositoryCopy(updated, pin, endpoint.Base, now);
        copies.Put(endpoint.Repository, copy);
        if (!ReferenceEquals(updated, before?.Metadata))
        {
            LogNews(endpoint.Repository, before, updated);
            await cache.SaveAsync(endpoint.Repository, updated.Files, m => m.With(updated.Verified, pin, now), cancellation).ConfigureAwait(false);
        }
        else if (IsDueForWriting(cache.Memory(endpoint.Repository), now))
        {
            await cache.RememberAsync(endpoint.Repository, m => m.With(updated.Verified, pin, now), cancellation).ConfigureAwait(false);
        }

        return copy;
    }

    private bool IsDueForWriting(RepositoryMemory memory, DateTimeOffset now) =>
        memory.MissingSince is not null || memory.CheckedAt is not { } at || at > now || now - at >= options.CheckedWriteInterval;

    private async Task RefusedAsync(NotaryEndpoint endpoint, RepositoryException e, CancellationToken stopping)
    {
        backOff.Succeeded(endpoint.Base);
        servers.Answered(endpoint.Base, null);

        // The refusal that comes of it has the same words.
        logger.UpdateRefused(endpoint.Repository.Name, e.Message);
        var now = time.GetUtcNow();
        var memory = cache.Memory(endpoint.Repository);
        if (e.Fault == RepositoryFault.NotFound && memory.IsKnown && (memory.MissingSince is not { } since || since > now))
        {
            logger.TrustDataGone(endpoint.Repository.Name);
            await cache.RememberAsync(endpoint.Repository, m => m with { MissingSince = now }, stopping).ConfigureAwait(false);
        }
    }

    // A login that is missing says nothing about whether the server can be reached.
    private TransportException Unreachable(NotaryEndpoint endpoint, TransportException e)
    {
        servers.Failed(endpoint.Base, e.Message);
        if (StaleRules.IsOutage(e))
        {
            logger.ServerUnreachable(endpoint.Repository.Name, e.Message, backOff.Failed(endpoint.Base, e).TotalSeconds);
        }
        else
        {
            logger.UpdateRefused(endpoint.Repository.Name, e.Message);
        }

        return e;
    }

    private void LogNews(RepositoryName repository, RepositoryCopy? before, UpdatedMetadata updated)
    {
        var version = updated.Verified.Versions[RoleName.Root];
        if (before is not null && before.Verified.Versions[RoleName.Root] != version)
        {
            logger.RootChanged(repository.Name, version);
        }

        foreach (var dropped in updated.Verified.DroppedDelegations)
        {
            logger.DelegationDropped(repository.Name, dropped.Role.Text, dropped.Reason);
        }
    }
}
