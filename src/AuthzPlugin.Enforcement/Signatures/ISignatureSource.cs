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
    /// digest by which it was asked for, so the registry cannot lie about it. That it does not may be remembered for seconds.
    /// </summary>
    /// <exception cref="RepositoryException">The registry sends something else than what was asked for.</exception>
    /// <exception cref="TransportException">The registry could not be asked.</exception>
    Task<ConfigAnswer> NamesConfigAsync(RepositoryName repository, Digest manifest, Digest config, CancellationToken cancellation);

    /// <summary>The same of what the registry has for a tag now, or had seconds ago when that did not name the configuration.</summary>
    /// <inheritdoc cref="NamesConfigAsync(RepositoryName, Digest, Digest, CancellationToken)"/>
    Task<ConfigAnswer> NamesConfigAsync(RepositoryName repository, string tag, Digest config, CancellationToken cancellation);

    /// <summary>Who of those that the policy accepts signed the digest.</summary>
    /// <param name="maxAge">How old a remembered answer may be.</param>
    /// <exception cref="TransportException">The registry could not be asked, and too few signatures were found before.</exception>
    Task<SignatureEvidence> FindAsync(
        RepositoryName repository, Digest digest, SignatureDemand demand, TimeSpan maxAge, CancellationToken cancellation);

    /// <summary>What is remembered, or null. Asks nobody.</summary>
    SignatureEvidence? Peek(RepositoryName repository, Digest digest, SignatureDemand demand, TimeSpan maxAge);
}

/// <summary>Whether a manifest names a configuration.</summary>
/// <param name="Manifest">The digest of what was looked at; null: the registry has no such manifest.</param>
/// <param name="FromCache">The registry was not asked for it now; never when it does.</param>
public sealed record ConfigAnswer(Digest? Manifest, bool NamesConfig, bool FromCache);
