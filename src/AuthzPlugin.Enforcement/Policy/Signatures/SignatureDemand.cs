using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AuthzPlugin.Enforcement.Approvals;
using AuthzPlugin.Enforcement.Policy.Json;
using AuthzPlugin.Enforcement.Signatures;
using AuthzPlugin.Trust.Oci;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Policy.Signatures;

/// <summary>
/// What must be found beside an image for one kind of signature to speak for it. Every kind but Notary v1 is one of these: where it comes
/// from is the same for all, what counts is not. Pure and immutable. Two demands of one kind are equal when their fingerprints are.
/// </summary>
public abstract record SignatureDemand
{
    private protected SignatureDemand()
    {
    }

    public abstract EvidenceKind Kind { get; }

    /// <summary>How many different signers must have signed; at least 1.</summary>
    public abstract int Threshold { get; init; }

    /// <summary>Changes when the meaning changes, and only then. 64 lower-case hex digits.</summary>
    public abstract string Fingerprint { get; }

    /// <summary>What the effective policy shows: the kind and what counts, in one line.</summary>
    public abstract string Describe();

    /// <summary>What to run to sign an image so that it counts, for the end of a message.</summary>
    internal abstract string HowToSign(RepositoryName repository, Digest digest);

    /// <summary>Whether one signature counts. What it says is not believed before it was verified.</summary>
    /// <param name="now">For what has an end; signatures that have none ignore it.</param>
    internal abstract SignatureVerdict Examine(ImageSignature signature, Digest image, DateTimeOffset now);

    /// <summary>What is remembered of enough signatures, in approvals and records.</summary>
    internal virtual Evidence ToEvidence(SignatureEvidence found) => new()
    {
        Kind = Kind.ToText(),
        KeyIds = [],
        Signers = found.Signers,
        Demand = Fingerprint,
        CountsUntil = found.CountsUntil,
    };

    /// <summary>Null when earlier evidence of this kind is still what is asked for; otherwise half a sentence that says what ended it.</summary>
    internal virtual string? FindObjection(Evidence evidence, RepositoryName repository, DateTimeOffset now)
    {
        if (evidence.Demand != Fingerprint)
        {
            return $"the policy asks for other {Kind.ToText()} signatures of {repository} now";
        }

        return evidence.CountsUntil <= now ? $"the {Kind.ToText()} signatures of {repository} counted until {evidence.CountsUntil:O}" : null;
    }

    /// <summary>A fingerprint of a beginning and of parts, whatever is in them: their lengths keep them apart.</summary>
    private protected static string FingerprintOf(string head, IEnumerable<string> parts)
    {
        var text = new StringBuilder(head);
        foreach (var part in parts)
        {
            text.Append(CultureInfo.InvariantCulture, $" {part.Length}:{part}");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>Demanded annotations as parts of a fingerprint.</summary>
    private protected static IEnumerable<string> Parts(IReadOnlyDictionary<string, string> annotations) =>
        Sorted(annotations).SelectMany(a => new[] { a.Key, a.Value });

    /// <summary>Demanded annotations for the end of a description; nothing when there are none.</summary>
    private protected static string Describe(IReadOnlyDictionary<string, string> annotations) => annotations.Count == 0
        ? ""
        : " with " + string.Join(" ", Sorted(annotations).Select(a => ConfigText.Quote($"{a.Key}={a.Value}")));

    private static IEnumerable<KeyValuePair<string, string>> Sorted(IReadOnlyDictionary<string, string> annotations) =>
        annotations.OrderBy(a => a.Key, StringComparer.Ordinal);
}
