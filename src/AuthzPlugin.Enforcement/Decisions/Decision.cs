using AuthzPlugin.Enforcement.Approvals;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Decisions;

/// <summary>
/// What was decided about one image (or request), with everything that led there. Answers, audit records and
/// explanations are all made from this one object.
/// </summary>
public sealed record Decision
{
    public required Outcome Outcome { get; init; }

    public required ReasonCode Reason { get; init; }

    /// <summary>One sentence for a person: what, why, and after <c>; </c> the next step. Untrusted text in it is escaped.</summary>
    public required string Message { get; init; }

    /// <summary>Every check in the order it was made.</summary>
    public required IReadOnlyList<Check> Checks { get; init; }

    /// <summary>The image as the request has it; empty when the request names none.</summary>
    public string Image { get; init; } = "";

    public string? Repository { get; init; }

    public string? Tag { get; init; }

    /// <summary>What the trust data signs for it.</summary>
    public Digest? SignedDigest { get; init; }

    /// <summary>What the engine or registry has instead, or the same.</summary>
    public Digest? LocalDigest { get; init; }

    /// <summary>The engine's immutable image id, when one was looked at.</summary>
    public Digest? ImageId { get; init; }

    /// <summary>Canonical ids of the pinned root keys behind the signature.</summary>
    public IReadOnlyList<string> RootKeyIds { get; init; } = [];

    /// <summary>Certificate ids of the same keys.</summary>
    public IReadOnlyList<string> RootCertificateIds { get; init; } = [];

    /// <summary>The role whose metadata lists the tag.</summary>
    public string? Role { get; init; }

    /// <summary>Ids of the keys that signed the role's metadata.</summary>
    public IReadOnlyList<string> SignerKeyIds { get; init; } = [];

    /// <summary>What spoke for the content under an entry of <c>signature-policies</c>; empty where Notary v1 decides alone.</summary>
    public IReadOnlyList<Evidence> Evidence { get; init; } = [];

    /// <summary>
    /// The kinds of evidence that decided: those that spoke for the content, or else the one that <see cref="Reason"/> is about. Empty where
    /// it was decided before any was asked: by the policy, the request or the engine.
    /// </summary>
    public IReadOnlyList<EvidenceKind> DecidedBy { get; init; } = [];

    /// <summary>The trust data came from the cache.</summary>
    public bool FromCache { get; init; }

    /// <summary>The trust server could not be asked, and cached data answered.</summary>
    public bool Stale { get; init; }

    /// <summary>The signed images that a build begins from, or that a locally built image was built from: <c>repository:tag@digest</c>, the tag where one is known.</summary>
    public IReadOnlyList<string> Bases { get; init; } = [];

    /// <summary>The container that was looked at, when one was.</summary>
    public string? ContainerId { get; init; }

    /// <summary>It holds only while other containers keep their names, which the engine resolves after our answer.</summary>
    public bool NamesOthers { get; init; }

    /// <summary>The exception that lets it pass, also when it was refused for another reason afterwards.</summary>
    public ExceptionRule? Exception { get; init; }

    /// <summary>Why it would have been refused without the exception.</summary>
    public ReasonCode? ExceptedReason { get; init; }

    /// <summary>The evidence says that a pinned key signed it (or that it needs no signature). Access to the host and approvals take this.</summary>
    public bool IsTrusted => Outcome == Outcome.Trusted;

    /// <summary>It may pass: it is trusted, or an exception is in force.</summary>
    public bool IsAllowed => Outcome is Outcome.Trusted or Outcome.Excepted;

    /// <summary>This and another decision that both allow, as one: trusted only if both are.</summary>
    internal Decision Beside(Decision other)
    {
        var both = this with { Checks = [.. Checks, .. other.Checks] };
        return IsTrusted && !other.IsTrusted
            ? both with
            {
                Outcome = other.Outcome,
                Reason = other.Reason,
                Message = other.Message,
                Exception = other.Exception,
                ExceptedReason = other.ExceptedReason,
            }
            : both;
    }
}
