using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Signatures;

/// <summary>Verified signatures of images' digests, as decisions need them.</summary>
public interface ISignatureSource
{
    /// <summary>The digest that the registry has for a tag now, or null when it has no such tag. What it says may be a lie.</summary>
    /// <exception cref="RepositoryException">The registry sends what cannot be a manifest.</exception>
    /// <exception cref="TransportException">The registry could not be asked.</exception>
    Task<Digest?> ResolveTagAsync(RepositoryName repository, string tag, CancellationToken cancellation);

    /// <summary>
    /// Whether a manifest of the registry, or one of the manifests in an index, names this configuration. Everything is compared with the
    /// digest by which it was asked for, so the registry cannot lie about it.
    /// </summary>
    /// <exception cref="RepositoryException">The registry sends something else than what was asked for.</exception>
    /// <exception cref="TransportException">The registry could not be asked.</exception>
    Task<bool> NamesConfigAsync(RepositoryName repository, Digest manifest, Digest config, CancellationToken cancellation);

    /// <summary>Which of the policy's keys signed the digest.</summary>
    /// <param name="maxAge">How old a remembered answer may be.</param>
    /// <exception cref="TransportException">The registry could not be asked, and too few signatures were found before.</exception>
    Task<CosignEvidence> FindCosignAsync(
        RepositoryName repository, Digest digest, CosignPolicy policy, TimeSpan maxAge, CancellationToken cancellation);

    /// <summary>What is remembered, or null. Asks nobody.</summary>
    CosignEvidence? PeekCosign(RepositoryName repository, Digest digest, CosignPolicy policy, TimeSpan maxAge);
}

/// <summary>What the signatures of one digest come to.</summary>
/// <param name="KeyIds">The keys that signed, each once, in the order in which they were found.</param>
/// <param name="Required">How many the policy wants.</param>
/// <param name="Lines">What was found: a line for each signature that was looked at; at most 16, and one about what was not looked at.</param>
/// <param name="SignatureCount">How many signatures were looked at.</param>
/// <param name="VerifiedAt">When the registry was asked.</param>
/// <param name="FromCache">It was not asked for this decision.</param>
public sealed record CosignEvidence(
    IReadOnlyList<string> KeyIds, int Required, IReadOnlyList<SignatureLine> Lines, int SignatureCount, DateTimeOffset VerifiedAt, bool FromCache)
{
    public bool IsEnough => KeyIds.Count >= Required;
}

/// <summary>One signature.</summary>
/// <param name="Text">Where it is and what it says, escaped.</param>
public sealed record SignatureLine(bool IsValid, string Text);
