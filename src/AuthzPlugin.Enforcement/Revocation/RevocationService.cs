using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Enforcement.Signatures;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Notation.Revocation;
using AuthzPlugin.Trust.Oci;
using AuthzPlugin.Trust.References;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.Revocation;

/// <summary>
/// Judges signatures of the Notary Project with what the hosts of the policy say about revocation. A signature is verified by what is known; what
/// the verification then asks is asked; and it is verified again from the beginning, until nothing is asked any more. Nothing counts before.
/// OCSP responders are asked first, lists when no responder gave an answer that counts. Safe for concurrent use.
/// </summary>
public sealed class RevocationService(TrustDataOptions connection, RevocationOptions options, TimeProvider time, ILogger<RevocationService> logger)
    : IAsyncDisposable
{
    /// <summary>One for the timestamp's certificates, one for the signature's, and one to see that nothing is open.</summary>
    private const int MaxRounds = 4;

    private readonly RevocationSource _source = new(connection, options, time, logger);

    internal RevocationSource Source => _source;

    /// <param name="now">The time of the decision.</param>
    /// <exception cref="OperationCanceledException">The caller's budget ran out.</exception>
    internal async Task<SignatureVerdict> ExamineAsync(
        NotationPolicy demand, ImageSignature signature, Digest image, DateTimeOffset now, CancellationToken cancellation)
    {
        var known = demand.Revocation ?? RevocationKnowledge.None;
        var failed = false;
        using var budget = new CancellationTokenSource(options.SignatureTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(budget.Token, cancellation);
        for (var round = 0; round < MaxRounds; round++)
        {
            var (verdict, finding) = demand.Examine(signature, image, now, known);
            if (finding is not { Questions.Count: > 0 })
            {
                return failed && finding is { MayBeRevoked: true } ? SignatureVerdict.Undecided(verdict.Detail) : verdict;
            }

            var asked = await Task.WhenAll(finding.Questions.Distinct().Select(q => AskAsync(q, demand, linked.Token, cancellation))).ConfigureAwait(false);
            failed |= Array.Exists(asked, a => a.CouldBeAskedAgain);
            known = known.With(asked.Select(a => a.Reply));
        }

        return SignatureVerdict.Undecided("has more certificates than can be asked about");
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private async Task<Asked> AskAsync(RevocationQuestion question, NotationPolicy demand, CancellationToken budget, CancellationToken cancellation)
    {
        try
        {
            return await AskAsync(question, demand, budget).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            var problem = $"its revocation was not learned within {options.SignatureTimeout.TotalSeconds:0.###} s";
            return new Asked(new RevocationReply(question, [], [], problem), CouldBeAskedAgain: true);
        }
    }

    private async Task<Asked> AskAsync(RevocationQuestion question, NotationPolicy demand, CancellationToken budget)
    {
        // What another entry's hosts answered counts here only when it says revoked: the same policy must always come to the same.
        var known = _source.FindAnswer(question) is { } found && (found.IsRevoked || question.Responders.Any(demand.MayAsk)) ? found : null;
        if (known is not null && _source.IsFresh(known))
        {
            return Learned(question, known);
        }

        var problems = new List<string>();
        foreach (var responder in question.Responders.Where(demand.MayAsk))
        {
            var find = await _source.AskAsync(question, responder, budget).ConfigureAwait(false);
            if (!find.IsFailure)
            {
                return Learned(question, find);
            }

            problems.Add(find.Problem);
        }

        var old = new List<RevocationList>();
        foreach (var place in question.ListPlaces.Where(demand.MayAsk))
        {
            var find = await _source.DownloadAsync(question, place, budget).ConfigureAwait(false);
            if (find is { List: not null, Problem: "" })
            {
                return Learned(question, find);
            }

            problems.Add(find.Problem);
            old.AddRange(find.List is { } list ? [list] : []);
        }

        // Old answers that still count: the verification says whether they do.
        var reply = new RevocationReply(question, known is null ? [] : [known.Response!], old, Explain(question, problems));
        return new Asked(reply, CouldBeAskedAgain: problems.Count > 0);
    }

    private static Asked Learned(RevocationQuestion question, RevocationFind find) => new(
        new RevocationReply(question, find.Response is { } response ? [response] : [], find.List is { } list ? [list] : [], ""), CouldBeAskedAgain: false);

    // Places come from certificates of signers whom the policy trusts.
    private static string Explain(RevocationQuestion question, List<string> problems)
    {
        if (problems.Count > 0)
        {
            return string.Join(", and ", problems);
        }

        var hosts = question.Responders.Concat(question.ListPlaces).Select(p => p.Authority).Distinct(StringComparer.Ordinal).ToArray();
        return hosts.Length == 0
            ? "it names no place of http or https where that could be asked; add a list of its issuer to crls"
            : $"it names only {UntrustedText.Escape(string.Join(", ", hosts))}, which revocation-hosts does not list; add one of them there, or a list of its issuer to crls";
    }

    /// <param name="CouldBeAskedAgain">Nothing was learned now, and could be another time.</param>
    private sealed record Asked(RevocationReply Reply, bool CouldBeAskedAgain);
}
