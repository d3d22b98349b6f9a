namespace AuthzPlugin.Trust.Notation.Revocation;

/// <summary>What asking came to. Nothing of it is believed: whatever it holds is verified again by who uses it.</summary>
/// <param name="Responses">What responders answered.</param>
/// <param name="Lists">Lists that were downloaded.</param>
/// <param name="Problem">Why nothing was learned, as half a sentence; empty when something was.</param>
public sealed record RevocationReply(
    RevocationQuestion Question, IReadOnlyList<OcspResponse> Responses, IReadOnlyList<RevocationList> Lists, string Problem);

/// <summary>
/// Everything that is known of revoked certificates: lists that an administrator keeps, and what was asked. Immutable. A certificate that names
/// neither a list nor an OCSP responder cannot be revoked (trust-store-trust-policy.md, "Certificate Revocation Evaluation"). Of every other
/// one the answer of a responder counts, then a list of its issuer that is not out of date; one that says revoked is enough, whenever a
/// signature was made (dates of invalidity are not read).
/// </summary>
public sealed class RevocationKnowledge(IReadOnlyList<RevocationList> lists, IReadOnlyList<RevocationReply>? replies = null)
{
    public static readonly RevocationKnowledge None = new([]);

    private readonly IReadOnlyList<RevocationReply> _replies = replies ?? [];

    /// <summary>Those that an administrator keeps.</summary>
    public IReadOnlyList<RevocationList> Lists => lists;

    /// <summary>Whether somebody was asked, whatever came of it.</summary>
    public bool HasAsked(RevocationQuestion question) => _replies.Any(r => r.Question == question);

    /// <summary>This and what was asked since.</summary>
    public RevocationKnowledge With(IEnumerable<RevocationReply> others) => new(lists, [.. _replies, .. others]);

    /// <summary>What keeps a chain from being known as not revoked; null when nothing does.</summary>
    /// <param name="questions">Takes what was not asked yet and can be.</param>
    /// <param name="until">When the first of those answers that it rests on is out of date.</param>
    internal RevocationProblem? FindProblem(
        IReadOnlyList<NotationCertificate> chain, DateTimeOffset now, ICollection<RevocationQuestion> questions, out DateTimeOffset? until)
    {
        until = null;
        RevocationProblem? unknown = null;
        for (var i = 0; i + 1 < chain.Count; i++)
        {
            if (!chain[i].Extensions.NamesRevocation)
            {
                continue;
            }

            var question = new RevocationQuestion(chain[i], chain[i + 1]);
            var (status, end) = Find(question, now);
            if (status == CertificateStatus.Revoked)
            {
                return new RevocationProblem($"the certificate of {chain[i]} was revoked", IsUnknown: false);
            }

            if (!HasAsked(question))
            {
                questions.Add(question);
            }

            unknown ??= status is null ? new RevocationProblem(Explain(question), IsUnknown: true) : null;
            until = until < end ? until : end;
        }

        return unknown;
    }

    /// <summary>Null: it is not known.</summary>
    private (CertificateStatus? Status, DateTimeOffset? Until) Find(RevocationQuestion question, DateTimeOffset now)
    {
        var replies = _replies.Where(r => r.Question == question).ToArray();
        var answers = replies.SelectMany(r => r.Responses).Select(r => question.Judge(r, now)).ToArray();
        var listed = lists.Concat(replies.SelectMany(r => r.Lists)).Select(l => question.Judge(l, now)).ToArray();
        if (answers.Concat(listed).Any(v => v.Status == CertificateStatus.Revoked))
        {
            return (CertificateStatus.Revoked, null);
        }

        var good = Array.FindAll(answers, v => v.Status == CertificateStatus.Good);
        good = good.Length > 0 ? good : Array.FindAll(listed, v => v.Status == CertificateStatus.Good);
        return good.Length > 0 ? (CertificateStatus.Good, good.Max(v => v.Until)) : (null, null);
    }

    private string Explain(RevocationQuestion question) => _replies.LastOrDefault(r => r.Question == question)?.Problem is { Length: > 0 } problem
        ? $"the certificate of {question.Certificate} may be revoked: {problem}"
        : $"there is no current list of revoked certificates of {question.Issuer}, so that the certificate of {question.Certificate} may be revoked";
}

/// <summary>Why a chain is not known as not revoked.</summary>
/// <param name="Text">Half a sentence.</param>
/// <param name="IsUnknown">None of it is known to be revoked; more knowledge could change that.</param>
internal sealed record RevocationProblem(string Text, bool IsUnknown);
