using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Enforcement.TrustData.Refresh;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Notation.Revocation;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.Revocation;

/// <summary>
/// One responder's answer or one list at a time: from memory, from disk, or asked for. Those who want the same at the same time share one
/// request. Only what is verified for its question is kept. Safe for concurrent use.
/// </summary>
internal sealed class RevocationSource : IAsyncDisposable
{
    private const int WeightOfItem = 1024;

    private readonly RevocationOptions _options;
    private readonly TimeSpan _failureMemory;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RevocationTransport _transport;
    private readonly RevocationMemory _memory;
    private readonly ListFiles _files;
    private readonly SingleFlight<string, RevocationFind> _flights = new();
    private readonly CancellationTokenSource _stopping = new();

    public RevocationSource(TrustDataOptions connection, RevocationOptions options, TimeProvider time, ILogger logger)
    {
        (_options, _failureMemory, _time, _logger) = (options, connection.FailureMemory, time, logger);
        _transport = new RevocationTransport(connection, options, time);
        _memory = new RevocationMemory(options.MemoryItems, options.MemoryBytes);
        _files = new ListFiles(connection.ReadOnly ? null : options.Directory, options.DiskBytes, time, logger);
    }

    internal RevocationMemory Memory => _memory;

    /// <summary>What is known of a certificate from responders, whichever said it, and is not out of date; asks nobody.</summary>
    public RevocationFind? FindAnswer(RevocationQuestion question) =>
        _memory.Find(KeyOf(question)) is { } known && _time.GetUtcNow() < known.Until ? known : null;

    /// <summary>Whether an answer need not be asked for again yet. A clock that was set back makes it look as if it came from the future.</summary>
    public bool IsFresh(RevocationFind find) => _time.GetUtcNow() is var now && now < find.Until
        && (find.IsRevoked || (now >= find.At && now - find.At < _options.RefreshAfter));

    public Task<RevocationFind> AskAsync(RevocationQuestion question, Uri responder, CancellationToken cancellation)
    {
        var key = $"{KeyOf(question)} {responder.AbsoluteUri}";
        return KnownFailure(key) is { } failure
            ? Task.FromResult(failure)
            : _flights.JoinAsync(key, () => AttemptAsync(key, () => AskNowAsync(question, responder)), cancellation);
    }

    /// <summary>
    /// A list of the question's issuer. When it cannot be had, what is known of it: out of date, it still says who was revoked
    /// (<see cref="RevocationFind.Problem"/> is not empty then).
    /// </summary>
    public async Task<RevocationFind> DownloadAsync(RevocationQuestion question, Uri place, CancellationToken cancellation)
    {
        var key = $"{question.Issuer.Thumbprint} {place.AbsoluteUri}";
        if (_memory.Find(key) is { } known && IsFresh(known))
        {
            return known;
        }

        var found = KnownFailure(key)
            ?? await _flights.JoinAsync(key, () => AttemptAsync(key, () => DownloadNowAsync(key, question, place)), cancellation).ConfigureAwait(false);
        return found.IsFailure && Known(key, question) is { } old ? old with { Problem = found.Problem } : found;
    }

    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await _flights.DrainAsync().ConfigureAwait(false);
        _transport.Dispose();
        _stopping.Dispose();
    }

    private static string KeyOf(RevocationQuestion question) => $"{question.Certificate.Thumbprint} {question.Issuer.Thumbprint}";

    private static string FailureKey(string key) => $"failure {key}";

    private RevocationFind? KnownFailure(string key) => _memory.Find(FailureKey(key)) is { } failure
        && _time.GetUtcNow() is var now && now >= failure.At && now < failure.Until ? failure : null;

    // A failure is a value: it is shared by those who wait, and remembered for seconds.
    private async Task<RevocationFind> AttemptAsync(string key, Func<Task<RevocationFind>> attempt)
    {
        string problem;
        try
        {
            var find = await attempt().ConfigureAwait(false);
            if (!find.IsFailure)
            {
                return find;
            }

            problem = find.Problem;
        }
        catch (TransportException e)
        {
            problem = e.Message;
        }
        catch (OperationCanceledException)
        {
            return Failure("this program is stopping", TimeSpan.Zero);
        }

        _logger.NothingLearned(problem);
        var failure = Failure(problem, _failureMemory);
        _memory.Keep(FailureKey(key), failure);
        return failure;
    }

    private async Task<RevocationFind> AskNowAsync(RevocationQuestion question, Uri responder)
    {
        var at = _time.GetUtcNow();
        var bytes = await _transport.AskAsync(responder, question.ToOcsp(), _stopping.Token).ConfigureAwait(false);
        var verdict = OcspResponse.TryRead(bytes, out var response, out var problem) ? question.Judge(response, _time.GetUtcNow()) : null;
        if (verdict?.Status is not (CertificateStatus.Good or CertificateStatus.Revoked))
        {
            var why = verdict is null ? problem : verdict.Status is null ? verdict.Problem : "does not know the certificate";
            return Failure($"{RevocationTransport.NameOf("OCSP responder", responder)} {why}", TimeSpan.Zero);
        }

        var isRevoked = verdict.Status == CertificateStatus.Revoked;
        var find = new RevocationFind(response, null, "", isRevoked, at, verdict.Until, bytes.Length + WeightOfItem);
        _memory.Keep(KeyOf(question), find);
        return find;
    }

    private async Task<RevocationFind> DownloadNowAsync(string key, RevocationQuestion question, Uri place)
    {
        var known = Known(key, question);
        if (known is not null && IsFresh(known))
        {
            return known;
        }

        var at = _time.GetUtcNow();
        var bytes = await _transport.DownloadAsync(place, _stopping.Token).ConfigureAwait(false);
        var name = RevocationTransport.NameOf("list", place);
        if (!RevocationList.TryRead(bytes, out var list))
        {
            return Failure($"{name} is no full list of revoked certificates in DER", TimeSpan.Zero);
        }

        var verdict = question.Judge(list, _time.GetUtcNow());
        if (verdict.Status is null)
        {
            return Failure($"{name}: its server {verdict.Problem}", TimeSpan.Zero);
        }

        if (list.From < known?.List?.From)
        {
            // Who stands between may send an old one again, which does not list the latest revocations.
            return Failure($"{name}: its server sends a list that is older than an earlier one", TimeSpan.Zero);
        }

        var find = OfList(list, at);
        _memory.Keep(key, find);
        _files.Keep(key, bytes, at);
        return find;
    }

    /// <summary>The last list that was verified for its issuer, out of date or not.</summary>
    private RevocationFind? Known(string key, RevocationQuestion question)
    {
        if (_memory.Find(key) is { } known)
        {
            return known;
        }

        if (_files.Find(key) is not var (list, at) || !question.IsOfIssuer(list))
        {
            return null;
        }

        var find = OfList(list, at);
        _memory.Keep(key, find);
        return find;
    }

    private static RevocationFind OfList(RevocationList list, DateTimeOffset at) =>
        new(null, list, "", IsRevoked: false, at, list.Until, list.Weight + WeightOfItem);

    private RevocationFind Failure(string problem, TimeSpan life)
    {
        var now = _time.GetUtcNow();
        return new RevocationFind(null, null, problem, IsRevoked: false, now, now + life, WeightOfItem);
    }
}
