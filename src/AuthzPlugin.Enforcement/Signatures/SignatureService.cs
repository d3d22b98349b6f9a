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
    private readonly TimeSpan _budget;
    private readonly SignatureMemory _memory;
    private readonly SingleFlight<SignatureKey, SignatureAnswer> _flights = new();
    private readonly CancellationTokenSource _stopping = new();

    public SignatureService(TrustDataOptions options, RegistryClient registry, RevocationService revocation, TimeProvider time)
    {
        _registry = registry;
        _revocation = revocation;
        _time = time;
        _budget = options.UpdateTimeout;
        _memory = new SignatureMemory(options.FailureMemory, time);
    }

    /// <inheritdoc/>
    public async Task<Digest?> ResolveTagAsync(RepositoryName repository, string tag, CancellationToken cancellation) =>
        (await _registry.FindTagAsync(repository, tag, cancellation).ConfigureAwait(false))?.Digest;

    /// <inheritdoc/>
    public async Task<bool> NamesConfigAsync(RepositoryName repository, Digest manifest, Digest config, CancellationToken cancellation)
    {
        if (await ReadAsync(repository, manifest, cancellation).ConfigureAwait(false) is not { } read)
        {
            return false;
        }

        if (read.Manifests.Count == 0)
        {
            return read.Config == config;
        }

        // An index of an index is nothing that an engine runs.
        foreach (var platform in read.Manifests.Take(RegistryLimits.Platforms))
        {
            if ((await ReadAsync(repository, platform.Digest, cancellation).ConfigureAwait(false))?.Config == config)
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    /// <exception cref="OperationCanceledException">The caller's budget ran out.</exception>
    public async Task<SignatureEvidence> FindAsync(
        RepositoryName repository, Digest digest, SignatureDemand demand, TimeSpan maxAge, CancellationToken cancellation)
    {
        var key = SignatureKey.Of(repository, digest, demand);
        if (_memory.Find(key, maxAge) is { } known)
        {
            return Give(known, fromCache: true);
        }

        return Give(await _flights.JoinAsync(key, () => SearchAsync(key, demand), cancellation).ConfigureAwait(false), fromCache: false);
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

    private async Task<OciManifest?> ReadAsync(RepositoryName repository, Digest digest, CancellationToken cancellation)
    {
        try
        {
            var bytes = await _registry.FindManifestAsync(repository, digest, cancellation).ConfigureAwait(false);
            return bytes is null ? null : OciManifest.Read(bytes);
        }
        catch (FormatException e)
        {
            throw new RepositoryException(RepositoryFault.Malformed, $"{repository}@{digest} is no manifest: {e.Message}", null, e);
        }
    }

    // A new exception for each caller: an answer is shared, and a thrown exception is not safe to share.
    private static SignatureEvidence Give(SignatureAnswer answer, bool fromCache) =>
        answer.Evidence is { } evidence
            ? evidence with { FromCache = fromCache }
            : throw new TransportException(answer.Problem!.Fault, answer.Problem.Message, answer.Problem);

    private async Task<SignatureAnswer> SearchAsync(SignatureKey key, SignatureDemand demand)
    {
        using var budget = new CancellationTokenSource(_budget, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(budget.Token, _stopping.Token);
        var answer = await SearchAsync(key, demand, linked.Token).ConfigureAwait(false);
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
            undecided ??= verdict.IsUndecided ? $"the signature {found.Where} {verdict.Detail}" : null;
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
