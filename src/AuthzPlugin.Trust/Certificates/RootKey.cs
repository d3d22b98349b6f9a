using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Trust.Certificates;

/// <summary>
/// A root key: a bundle of one leaf certificate, issued to the repository, and the CA certificates after it (notary-v1.md 4).
/// Keys of other types never count for a root.
/// </summary>
/// <param name="Key">The key as listed; its id is the certificate id.</param>
/// <param name="CanonicalId">Id of the leaf's public key alone.</param>
internal sealed record RootKey(PublicKey Key, string CanonicalId, CertificateFacts Leaf, IReadOnlyList<CertificateFacts> Intermediates)
{
    /// <summary>The first moment at which a certificate of the bundle ends.</summary>
    internal DateTimeOffset NotAfter => Intermediates.Append(Leaf).Min(c => c.NotAfter);

    /// <summary>Reads a bundle. On failure <paramref name="problem"/> is half a sentence about the key.</summary>
    internal static RootKey? TryRead(PublicKey key, int maxCertificates, out string problem)
    {
        if (CertificatePem.ReadBundle(key.Value.Span, maxCertificates) is not { Count: > 0 } blocks)
        {
            problem = $"it is not a bundle of at most {maxCertificates} certificates as Notary writes them";
            return null;
        }

        // The key reads the first one once, for its signatures as well; a key of another type, only refused below, has none.
        var first = key.Certificate ?? CertificateFacts.TryRead(blocks[0]);
        var certificates = blocks.Skip(1).Select(CertificateFacts.TryRead).Prepend(first).OfType<CertificateFacts>().ToArray();
        problem = ShapeProblem(key, blocks.Count, certificates);
        if (problem.Length > 0)
        {
            return null;
        }

        var leaf = certificates[0];
        return new RootKey(key, new PublicKey(leaf.KeyType, leaf.PublicKeyInfo).Id, leaf, certificates[1..]);
    }

    /// <summary>
    /// What keeps it from speaking for the repository. Without <paramref name="now"/> only what time does not change is judged:
    /// a previous root's certificates may have expired (Notary 0.7 client, validRootLeafCerts without checkExpiry).
    /// </summary>
    internal string? Problem(RepositoryName repository, DateTimeOffset? now)
    {
        if (Leaf.CommonName is not { } name || !CommonNameRule.Matches(name, repository))
        {
            return $"its certificate is issued to {UntrustedText.Escape(Leaf.CommonName ?? "nobody")} and not to {repository}";
        }

        // An unusable intermediate changes the id of the bundle in the Notary client, so the whole key is unusable.
        return Intermediates.Prepend(Leaf)
            .Select(c => c.Weakness() ?? (now is { } time ? c.TimeProblem(time) : null))
            .FirstOrDefault(p => p is not null);
    }

    private static string ShapeProblem(PublicKey key, int blocks, CertificateFacts[] certificates)
    {
        if (certificates.Length != blocks)
        {
            return "it has a certificate that cannot be read";
        }

        if (certificates[0].IsCa || certificates.Count(c => !c.IsCa) != 1)
        {
            return "it does not have exactly one certificate that is not a CA, first";
        }

        return key.KeyType == certificates[0].KeyType + "-x509" ? "" : $"it is listed as {UntrustedText.Escape(key.KeyType)}";
    }
}
