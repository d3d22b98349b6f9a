using AuthzPlugin.Enforcement.Metrics;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Enforcement.Registry;
using AuthzPlugin.Enforcement.Revocation;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Enforcement.TrustData.Refresh;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Oci;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Signatures;

/// <summary>
/// Finds and verifies the signatures of images in their registries. Those who ask for the same thing at the same time share one search,
/// and a search has a time budget of its own. Safe for concurrent use.
/// </summary>
public sealed class SignatureService : ISignatureSource, IAsyncDisposable
{
    private const int MaxLines = 16;

    private readonly RegistryClient _registry;
    private readonly RevocationService _revocation;
    private readonly TimeProvider _time;
    private readonly SignatureMeter? _meter;
    private readonly TimeSpan _budget;
    private readonly SignatureMemory _memory;
    private readonly UnshownContent _unshown;
    private readonly SingleFlight<SignatureKey, SignatureAnswer> _flights = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <param name="meter">Counts answers; null: nothing is counted.</param>
    public SignatureService(
        TrustDataOptions options, RegistryClient registry, RevocationService revocation, TimeProvider time, SignatureMeter? meter = null)
    {
        _meter = meter;
        _registry = registry;
        _revocation = revocation;
        _time = time;
        _budget = options.UpdateTimeout;
        _memory = new SignatureMemory(options.FailureMemory, time);
        _unshown = new UnshownContent(options.FailureMemory, time);
    }

    /// <inheritdoc/>
    public async Task<Digest?> ResolveTagAsync(RepositoryName repository, string tag, CancellationToken cancellation) =>
        (await _registry.FindTagAsync(repository, tag, cancellation).ConfigureAwait(false))?.Digest;

    /// <inheritdoc/>
    public Task<ConfigAnswer> NamesConfigAsync(RepositoryName repository, Digest manifest, Digest config, CancellationToken cancellation) =>
        NamesConfigAsync(
            repository,
            manifest.ToString(),
            config,
            async () => await _registry.FindManifestAsync(repository, manifest, cancellation).ConfigureAwait(false) is { } bytes ? (manifest, bytes) : null,
            cancellation);

    /// <inheritdoc/>
    public Task<ConfigAnswer> NamesConfigAsync(RepositoryName repository, string tag, Digest config, CancellationToken cancellation) =>
        NamesConfigAsync(repository, tag, config, () => _registry.FindTagAsync(repository, tag, cancellation), cancellation);

    /// <inheritdoc/>
    /// <exception cref="OperationCanceledException">The caller's budget ran out.</exception>
    public async Task<SignatureEvidence> FindAsync(
        RepositoryName repository, Digest digest, SignatureDemand demand, TimeSpan maxAge, CancellationToken cancellation)
    {
        var key = SignatureKey.Of(repository, digest, demand);
        if (_memory.Find(key, maxAge) is { } known)
        {
            return Give(demand.Kind, known, fromCache: true);
        }

        var answer = await _flights.JoinAsync(key, () => SearchAsync(key, demand), cancellation).ConfigureAwait(false);
        return Give(demand.Kind, answer, fromCache: false);
    }

    /// <inheritdoc/>
    public SignatureEvidence? Peek(RepositoryName repository, Digest digest, SignatureDemand demand, TimeSpan maxAge) =>
        _memory.Find(SignatureKey.Of(repository, digest, demand), maxAge)?.Evidence is { } evidence ? evidence with { FromCache = true } : null;

    /// <summary>Ends running searches and waits for them.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await _flights.DrainAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task<ConfigAnswer> NamesConfigAsync(
        RepositoryName repository, string reference, Digest config, Func<Task<(Digest Digest, byte[] Bytes)?>> find, CancellationToken cancellation)
    {
        if (_unshown.Find(repository, reference, config) is { } known)
        {
            return known;
        }

        var at = _time.GetUtcNow();
        var found = await find().ConfigureAwait(false);
        var names = found is { } manifest
            && await NamesConfigAsync(repository, Read(repository, manifest.Digest, manifest.Bytes), config, cancellation).ConfigureAwait(false);
        var answer = new ConfigAnswer(found?.Digest, names, FromCache: false);
        _unshown.Keep(repository, reference, config, answer, at);
        return answer;
    }

    private async Task<bool> NamesConfigAsync(RepositoryName repository, OciManifest manifest, Digest config, CancellationToken cancellation)
    {
        if (manifest.Manifests.Count == 0)
        {
            return manifest.Config == config;
        }

        // An index of an index is nothing that an engine runs.
        foreach (var platform in manifest.Manifests.Take(RegistryLimits.Platforms))
        {
            var bytes = await _registry.FindManifestAsync(repository, platform.Digest, cancellation).ConfigureAwait(false);
            if (bytes is not null && Read(repository, platform.Digest, bytes).Config == config)
            {
                return true;
            }
        }

        return false;
    }

    private static OciManifest Read(RepositoryName repository, Digest digest, byte[] bytes)
    {
        try
        {
            return OciManifest.Read(bytes);
        }
        catch (FormatException e)
        {
            throw new RepositoryException(RepositoryFault.Malformed, $"{repository}@{digest} is no manifest: {e.Message}", null, e);
        }
    }

    // A new exception for each caller: an answer is shared, and a thrown exception is not safe to share.
    private SignatureEvidence Give(EvidenceKind kind, SignatureAnswer answer, bool fromCache)
    {
        if (answer.Evidence is { } evidence)
        {
            _meter?.Answered(kind, fromCache ? SignatureMeter.FromMemory : SignatureMeter.FromRegistry);
            return evidence with { FromCache = fromCache };
        }

        _meter?.Answered(kind, SignatureMeter.Nowhere);
        throw new TransportException(answer.Problem!.Fault, answer.Problem.Message, answer.Problem);
    }

    private async Task<SignatureAnswer> SearchAsync(SignatureKey key, SignatureDemand demand)
    {
        using var budget = new CancellationTokenSource(_budget, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(budget.Token, _stopping.Token);
        var started = _time.GetTimestamp();
        var answer = await SearchAsync(key, demand, linked.Token).ConfigureAwait(false);
        _meter?.Searched(demand.Kind, started);
        _memory.Keep(key, answer);
        return answer;
    }

    private async Task<SignatureAnswer> SearchAsync(SignatureKey key, SignatureDemand demand, CancellationToken cancellation)
    {
        var at = _time.GetUtcNow();
        try
        {
            return new SignatureAnswer(await CollectAsync(key, demand, at, cancellation).ConfigureAwait(false), null, at);
        }
        catch (TransportException e)
        {
            return new SignatureAnswer(null, e, at);
        }
        catch (OperationCanceledException e)
        {
            return new SignatureAnswer(
                null,
                new TransportException(
                    TransportFault.TimedOut, $"the signatures of {key.Repository} were not all read within {_budget.TotalSeconds:0.#} s", e),
                at);
        }
    }

    private async Task<SignatureEvidence> CollectAsync(SignatureKey key, SignatureDemand demand, DateTimeOffset at, CancellationToken cancellation)
    {
        var (signers, lines, count) = (new List<string>(), new List<SignatureLine>(), 0);
        DateTimeOffset? until = null;
        string? undecided = null;
        var search = new SignatureSearch(_registry, key.Repository, key.Digest, demand.Kind);
        await foreach (var found in search.FindAsync(cancellation).ConfigureAwait(false))
        {
            count++;
            var verdict = found.Signature is { } signature
                ? await ExamineAsync(demand, signature, key.Digest, at, cancellation).ConfigureAwait(false)
                : SignatureVerdict.Invalid(found.Problem);
            undecided ??= verdict.IsUndecided ? $"the signature {found.Where} {UntrustedText.Escape(verdict.Detail)}" : null;
            if (lines.Count < MaxLines)
            {
                lines.Add(new SignatureLine(
                    verdict.IsValid, $"{found.Where} {(found.Signature is null ? found.Problem : UntrustedText.Escape(verdict.Detail))}"));
            }

            lines.AddRange(verdict.Checks.Take(MaxLines - lines.Count).Select(c => new SignatureLine(true, $"{found.Where} {UntrustedText.Escape(c)}")));
            if (verdict.IsValid && !signers.Contains(verdict.Signer, StringComparer.Ordinal))
            {
                signers.Add(verdict.Signer);
                until = verdict.CountsUntil < (until ?? DateTimeOffset.MaxValue) ? verdict.CountsUntil : until;
            }

            if (signers.Count >= demand.Threshold)
            {
                break;
            }
        }

        if (undecided is not null && signers.Count < demand.Threshold)
        {
            throw new TransportException(TransportFault.Unreachable, undecided);
        }

        if (search.LeftOut.Length > 0)
        {
            lines.Add(new SignatureLine(false, $"not looked at: {search.LeftOut}"));
        }

        return new SignatureEvidence(signers, demand.Threshold, lines, count, at, until, FromCache: false);
    }

    private async Task<SignatureVerdict> ExamineAsync(
        SignatureDemand demand, ImageSignature signature, Digest image, DateTimeOffset at, CancellationToken cancellation) =>
        demand is NotationPolicy { RevocationHosts.Count: > 0 } notation
            ? await _revocation.ExamineAsync(notation, signature, image, at, cancellation).ConfigureAwait(false)
            : demand.Examine(signature, image, at);
}
