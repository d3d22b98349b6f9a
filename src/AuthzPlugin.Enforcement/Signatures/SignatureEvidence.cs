using System.Diagnostics.CodeAnalysis;
using AuthzPlugin.Enforcement.Policy.Signatures;

namespace AuthzPlugin.Enforcement.Signatures;

/// <summary>What the signatures of one digest come to, under one demand.</summary>
/// <param name="Signers">Who signed, each once, in the order in which they were found: ids of keys, or identities.</param>
/// <param name="Required">How many the policy wants.</param>
/// <param name="Lines">What was found: a line for each signature that was looked at; at most 16, and one about what was not looked at.</param>
/// <param name="SignatureCount">How many signatures were looked at.</param>
/// <param name="VerifiedAt">When the registry was asked.</param>
/// <param name="CountsUntil">When the first of the counting signatures counts no more; null: they have no end.</param>
/// <param name="FromCache">It was not asked for this decision.</param>
public sealed record SignatureEvidence(
    IReadOnlyList<string> Signers,
    int Required,
    IReadOnlyList<SignatureLine> Lines,
    int SignatureCount,
    DateTimeOffset VerifiedAt,
    DateTimeOffset? CountsUntil,
    bool FromCache)
{
    public bool IsEnough => Signers.Count >= Required;
}

/// <summary>One signature.</summary>
/// <param name="Text">Where it is and what it says, escaped.</param>
public sealed record SignatureLine(bool IsValid, string Text);

/// <summary>What one signature comes to (<see cref="SignatureDemand.Examine"/>).</summary>
internal sealed record SignatureVerdict
{
    private SignatureVerdict(string? signer, string detail, DateTimeOffset? countsUntil, IReadOnlyList<string> checks) =>
        (Signer, Detail, CountsUntil, Checks) = (signer, detail, countsUntil, checks);

    /// <summary>Who made it, such that the same signer is always the same text; null when it does not count.</summary>
    public string? Signer { get; }

    /// <summary>Half a sentence; text that is not from the policy is not escaped yet.</summary>
    public string Detail { get; }

    /// <summary>When it counts no more; null: never.</summary>
    public DateTimeOffset? CountsUntil { get; }

    /// <summary>What was checked on the way to it, a line each, for kinds with several checks; not escaped yet.</summary>
    public IReadOnlyList<string> Checks { get; }

    /// <summary>Somebody else than the registry must be asked, and did not answer.</summary>
    public bool IsUndecided { get; private init; }

    [MemberNotNullWhen(true, nameof(Signer))]
    public bool IsValid => Signer is not null;

    public static SignatureVerdict Valid(string signer, string detail, DateTimeOffset? countsUntil = null, IReadOnlyList<string>? checks = null) =>
        new(signer, detail, countsUntil, checks ?? []);

    public static SignatureVerdict Invalid(string detail) => new(null, detail, null, []);

    /// <summary>It does not count now, and could when somebody who could not be asked answers.</summary>
    public static SignatureVerdict Undecided(string detail) => new(null, detail, null, []) { IsUndecided = true };
}
