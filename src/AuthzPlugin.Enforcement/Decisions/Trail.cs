using AuthzPlugin.Enforcement.Approvals;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Enforcement.Signatures;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Decisions;

/// <summary>
/// Collects the checks and facts of one decision while it is being made, and ends it. Not thread-safe: one decision, one trail.
/// </summary>
internal sealed class Trail(string image)
{
    private readonly List<Check> _checks = [];
    private readonly List<Evidence> _evidence = [];
    private SignedRepository? _data;
    private bool _remembered;
    private EvidenceKind? _asked;
    private EvidenceKind? _against;

    /// <summary>The image as the request has it.</summary>
    public string Image { get; } = image;

    public RepositoryName? Repository { get; set; }

    public string? Tag { get; set; }

    public SignedTag? Signed { get; set; }

    /// <summary>The digest that evidence of any kind was found for.</summary>
    public Digest? Content { get; set; }

    /// <summary>What spoke for it, under an entry of <c>signature-policies</c>.</summary>
    public IReadOnlyList<Evidence> Evidence => _evidence;

    public Digest? LocalDigest { get; set; }

    public Digest? ImageId { get; set; }

    public string? ContainerId { get; set; }

    public void Passed(string what, string detail) => _checks.Add(new Check(what, CheckResult.Passed, detail));

    public void Failed(string what, string detail) => _checks.Add(new Check(what, CheckResult.Failed, detail));

    public void Unknown(string what, string detail) => _checks.Add(new Check(what, CheckResult.Unknown, detail));

    /// <summary>Takes over the checks of a decision about one of several candidates.</summary>
    public void Include(Decision candidate) => _checks.AddRange(candidate.Checks);

    /// <summary>Evidence of this kind decides alone, whatever it says.</summary>
    public void Ask(EvidenceKind kind) => _asked = kind;

    /// <summary>Other content is looked at: what spoke for the one before says nothing about it.</summary>
    public void BeginEvidence()
    {
        _evidence.Clear();
        _against = null;
    }

    /// <summary>Takes over what one kind of evidence said: its lines, and when it counts what it proved.</summary>
    public void Take(Trail part, bool counts)
    {
        _checks.AddRange(part._checks);
        _remembered |= part._remembered || part._data is { FromCache: true };
        if (counts)
        {
            (_data, Signed) = (part._data ?? _data, part.Signed ?? Signed);
            _evidence.AddRange(part._evidence);
        }
    }

    /// <summary>Notes the signatures that were looked at.</summary>
    public void Use(EvidenceKind kind, SignatureEvidence found)
    {
        _remembered |= found.FromCache;
        foreach (var line in found.Lines)
        {
            _checks.Add(new Check($"{kind.ToText()}-signature", line.IsValid ? CheckResult.Passed : CheckResult.Failed, line.Text));
        }

        if (found.FromCache)
        {
            Passed("signature-cache", $"verified {found.VerifiedAt:O}");
        }
    }

    public void Prove(Evidence evidence) => _evidence.Add(evidence);

    /// <summary>What the trust data in use proves.</summary>
    public void Prove(EvidenceKind kind) => Prove(new Evidence { Kind = kind.ToText(), KeyIds = _data?.RootKeyIds ?? [] });

    /// <summary>Notes whose data the decision rests on.</summary>
    public void Use(SignedRepository data)
    {
        _data = data;
        var checkedAt = data.CheckedAt is { } at ? $"checked with the server {at:O}" : "not known when checked with the server";
        Passed("trust-data", data.Stale
            ? $"cached, {checkedAt}; the server cannot be asked: {UntrustedText.Escape(data.ServerProblem ?? "")}"
            : checkedAt);
        Passed("root", $"signed by pinned root key {string.Join(", ", data.RootKeyIds)}");
    }

    public Decision Trust(string message) => End(Outcome.Trusted, ReasonCode.Signed, message);

    public Decision Trust(ReasonCode reason, string message) => End(Outcome.Trusted, reason, message);

    public Decision Refuse(ReasonCode reason, string message) => End(Outcome.Refused, reason, message);

    public Decision Undecided(ReasonCode reason, string message) => End(Outcome.Undecided, reason, message);

    /// <summary>A refusal (or none to be had) that one of several kinds of evidence is the reason for.</summary>
    public Decision EndBy(EvidenceKind kind, Outcome outcome, ReasonCode reason, string message)
    {
        _against = kind;
        return End(outcome, reason, message);
    }

    public Decision End(Outcome outcome, ReasonCode reason, string message) => new()
    {
        Outcome = outcome,
        Reason = reason,
        Message = message,
        Checks = [.. _checks],
        Image = Image,
        Repository = Repository?.Name,
        Tag = Signed?.Tag ?? Tag,
        SignedDigest = Signed?.Digest ?? Content,
        LocalDigest = LocalDigest,
        ImageId = ImageId,
        ContainerId = ContainerId,
        RootKeyIds = _data?.RootKeyIds ?? [],
        RootCertificateIds = _data?.RootCertificateIds ?? [],
        Role = Signed?.Role,
        SignerKeyIds = Signed?.SignerKeyIds ?? [],
        FromCache = _remembered || (_data?.FromCache ?? false),
        Evidence = [.. _evidence],
        DecidedBy = (_against ?? (_evidence.Count == 0 ? _asked : null)) is { } one ? [one] : EvidenceKinds.ThatSpeak(_evidence),
        Stale = _data?.Stale ?? false,
    };
}
