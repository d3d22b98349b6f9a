using System.Globalization;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Enforcement.Signatures;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Decisions;

/// <summary>Content whose signature is asked for.</summary>
/// <param name="Reference">A name as it was asked for, or a digest in a repository: what Notary v1 is asked about.</param>
/// <param name="Digest">The content.</param>
/// <param name="Differs">What to say when Notary v1 signs another digest for the name.</param>
internal sealed record SignedContent(NamedReference Reference, Digest Digest, Func<Digest, (ReasonCode Reason, string Message)> Differs);

/// <summary>
/// Decides whether the evidence that an entry of <c>signature-policies</c> asks for speaks for a digest. Each kind of evidence leaves its
/// own lines in the trail; those that end with <c>accept-until</c> are asked last, so that it shows what rests on them alone.
/// </summary>
internal sealed class EvidenceDecider(TagDecider tags, ISignatureSource signatures, TimeProvider time)
{
    private const string EndCheck = "accept-until";

    /// <summary>
    /// The entry that decides about the repository; null when Notary v1 decides alone, as without any entry (and the trail says when an
    /// entry ends that).
    /// </summary>
    public SignaturePolicy? EntryOf(RepositoryName repository, TrustPolicy policy, Trail trail)
    {
        var entry = policy.Signatures.Match(repository);
        if (entry?.Counting(time.GetUtcNow()) is not [EvidenceKind.NotaryV1])
        {
            return entry;
        }

        NoteEnd(entry, [EvidenceKind.NotaryV1], trail);
        return null;
    }

    /// <summary>Whether only evidence about content counts for the repository, so that no name of it is signed.</summary>
    public bool SignsNoNames(RepositoryName repository, TrustPolicy policy) =>
        policy.Signatures.Match(repository) is { } entry && !entry.Counting(time.GetUtcNow()).Contains(EvidenceKind.NotaryV1);

    /// <summary>Says when everything that a decision rests on will count no more: what would stop working then.</summary>
    public static void NoteEnd(SignaturePolicy? entry, IReadOnlyCollection<EvidenceKind> kinds, Trail trail)
    {
        if (entry is not null && kinds.Count > 0 && kinds.All(k => entry.EndOf(k) is not null))
        {
            trail.Passed(
                EndCheck,
                $"it rests on {string.Join(" and ", kinds.Select(k => $"{k.ToText()}, which counts until {LastDay(entry, k)}"))} alone; sign it in another way before");
        }
    }

    /// <summary>Null when the content is signed as the entry asks (the trail then says by whom), otherwise the refusal.</summary>
    public async Task<Decision?> ProveAsync(
        SignedContent content, SignaturePolicy entry, TrustPolicy policy, Trail trail, CancellationToken cancellation)
    {
        trail.BeginEvidence();
        var now = time.GetUtcNow();
        var kinds = entry.Counting(now);
        trail.Passed(
            "signature-policy", $"{entry.Pattern} asks for {entry.Require.ToString().ToLowerInvariant()} of {Names(entry.Kinds)}");
        foreach (var ended in entry.Kinds.Except(kinds))
        {
            trail.Unknown(EndCheck, $"{ended.ToText()} counts no longer, {LastDay(entry, ended)} was its last day");
        }

        if (kinds.Count == 0)
        {
            return trail.Refuse(ReasonCode.NoLongerAccepted, Messages.NoLongerAccepted(trail.Image, entry.Pattern, Names(entry.Kinds)));
        }

        var failed = new List<(EvidenceKind Kind, Decision Decision)>();
        foreach (var kind in kinds)
        {
            var part = new Trail(trail.Image) { Repository = trail.Repository, Tag = trail.Tag };
            var refusal = await ProveByAsync(kind, content, entry, policy, part, cancellation).ConfigureAwait(false);
            trail.Take(part, counts: refusal is null);
            if (refusal is not null)
            {
                failed.Add((kind, refusal));
            }

            if ((refusal is null) == (entry.Require == EvidenceRule.Any))
            {
                break;
            }
        }

        return IsProven(entry, kinds, failed) ? Proven(content, entry, trail) : Refusal(failed, trail);
    }

    private static bool IsProven(SignaturePolicy entry, IReadOnlyList<EvidenceKind> kinds, List<(EvidenceKind Kind, Decision Decision)> failed) =>
        entry.Require == EvidenceRule.Any ? failed.Count < kinds.Count : failed.Count == 0;

    private static Decision? Proven(SignedContent content, SignaturePolicy entry, Trail trail)
    {
        trail.Content = content.Digest;
        NoteEnd(entry, EvidenceKinds.Of(trail.Evidence), trail);
        return null;
    }

    /// <summary>The first kind that could not be asked, or else the first that says no, speaks; the others are named.</summary>
    private static Decision Refusal(List<(EvidenceKind Kind, Decision Decision)> failed, Trail trail)
    {
        var speaker = failed.Find(f => f.Decision.Outcome == Outcome.Undecided);
        speaker = speaker.Decision is null ? failed[0] : speaker;
        var others = failed.Where(f => f.Kind != speaker.Kind).Select(f => $"{f.Kind.ToText()} says {f.Decision.Reason.ToText()}").ToArray();
        return trail.EndBy(
            speaker.Kind,
            speaker.Decision.Outcome,
            speaker.Decision.Reason,
            others.Length == 0 ? speaker.Decision.Message : Messages.With(speaker.Decision.Message, $"and {string.Join(", ", others)}"));
    }

    private async Task<Decision?> ProveByAsync(
        EvidenceKind kind, SignedContent content, SignaturePolicy entry, TrustPolicy policy, Trail trail, CancellationToken cancellation)
    {
        if (entry.DemandOf(kind) is { } demand)
        {
            return await ProveBySignaturesAsync(content, demand, policy, trail, cancellation).ConfigureAwait(false);
        }

        try
        {
            return await ProveByNotaryAsync(content, policy, trail, cancellation).ConfigureAwait(false);
        }
        catch (TrustException e)
        {
            return Failures.ToDecision(e, trail);
        }
    }

    private async Task<Decision?> ProveByNotaryAsync(SignedContent content, TrustPolicy policy, Trail trail, CancellationToken cancellation)
    {
        var refusal = await tags.ResolveAsync(content.Reference, policy, trail, cancellation).ConfigureAwait(false);
        if (refusal is not null)
        {
            return refusal;
        }

        if (trail.Signed!.Digest == content.Digest)
        {
            trail.Prove(EvidenceKind.NotaryV1);
            return null;
        }

        trail.Failed("notary-v1", $"it signs {trail.Signed.Digest} and not {content.Digest}");
        var (reason, message) = content.Differs(trail.Signed.Digest);
        return trail.Refuse(reason, message);
    }

    private async Task<Decision?> ProveBySignaturesAsync(
        SignedContent content, SignatureDemand demand, TrustPolicy policy, Trail trail, CancellationToken cancellation)
    {
        var repository = content.Reference.Repository;
        SignatureEvidence found;
        try
        {
            found = await signatures.FindAsync(repository, content.Digest, demand, policy.SignatureCache, cancellation).ConfigureAwait(false);
        }
        catch (TransportException e)
        {
            return Failures.OfRegistry(e, trail);
        }

        var kind = demand.Kind.ToText();
        trail.Use(demand.Kind, found);
        var counted = string.Create(CultureInfo.InvariantCulture, $"{found.Signers.Count} of {found.Required}");
        if (found.IsEnough)
        {
            trail.Passed(kind, $"{content.Digest} is signed by {UntrustedText.Escape(string.Join(", ", found.Signers))} ({counted} needed)");
            trail.Prove(demand.ToEvidence(found));
            return null;
        }

        trail.Failed(kind, $"{content.Digest} is signed by {counted} needed; {found.SignatureCount} signatures were looked at");
        return found.SignatureCount == 0
            ? trail.Refuse(ReasonCode.NotSigned, Messages.NoSignature(trail.Image, demand, repository, content.Digest))
            : trail.Refuse(ReasonCode.BadSignature, Messages.TooFewSignatures(trail.Image, demand, repository, content.Digest, counted, found));
    }

    private static string Names(IEnumerable<EvidenceKind> kinds) => string.Join(", ", kinds.Select(k => k.ToText()));

    private static string LastDay(SignaturePolicy entry, EvidenceKind kind) =>
        entry.AcceptUntil[kind].ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
