using AuthzPlugin.Trust.Certificates;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.Verification;

namespace AuthzPlugin.Trust.Inspection;

/// <summary>A root key as somebody might pin it.</summary>
/// <param name="RootKeyId">Canonical id: for <c>root-keys</c>.</param>
/// <param name="CertificateId">Id of the certificate bundle: for <c>cert-ids</c>.</param>
/// <param name="CommonName">Whom the certificate says it is for: a repository.</param>
/// <param name="NotAfter">When the certificate, or one above it, expires.</param>
/// <param name="HasSigned">It signed the file that it was found in; null: it was found alone.</param>
public sealed record InspectedRootKey(
    string RootKeyId, string CertificateId, string CommonName, DateTimeOffset NotAfter, string Algorithm, bool? HasSigned);

/// <summary>
/// Shows the ids of root keys, so that a person can compare them with what the publisher says on another way. Nothing is verified
/// against a pin here: what is shown proves nothing.
/// </summary>
public static class RootInspection
{
    /// <summary>The root keys of a root file.</summary>
    /// <exception cref="RepositoryException">It is not a root file, or has no key with a certificate.</exception>
    public static IReadOnlyList<InspectedRootKey> OfRootFile(ReadOnlyMemory<byte> file, MetadataLimits limits)
    {
        var parsed = MetadataFile.Parse(RoleName.Root, file, limits);
        var metadata = RootMetadata.Read(parsed, limits);
        var signed = SignatureThreshold.ValidKeys(parsed, metadata.Root.Keys);
        InspectedRootKey[] keys = [.. metadata.Root.Keys.Values
            .Select(k => RootKey.TryRead(k, limits.CertificatesPerKey, out _))
            .OfType<RootKey>()
            .Select(k => From(k, signed.Contains(k.Key.Id)))];
        return keys.Length > 0
            ? keys
            : throw new RepositoryException(RepositoryFault.Malformed, "has no root key with a certificate", RoleName.Root.Text);
    }

    /// <summary>The root key of a certificate bundle in PEM, leaf first, whatever stands around the certificates.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static InspectedRootKey OfCertificates(ReadOnlySpan<byte> pem, MetadataLimits limits)
    {
        // Notary writes the bundle anew before it takes its id.
        var blocks = CertificatePem.ReadAll(pem, limits.CertificatesPerKey);
        var leaf = blocks.Count > 0 ? CertificateFacts.TryRead(blocks[0]) : null;
        var key = leaf is null ? null : new PublicKey(leaf.KeyType + "-x509", CertificatePem.Write(blocks));
        return key is not null && RootKey.TryRead(key, limits.CertificatesPerKey, out _) is { } found
            ? From(found, null)
            : throw new FormatException("it is no certificate of an ECDSA or RSA key in PEM, with its CA certificates behind it");
    }

    private static InspectedRootKey From(RootKey key, bool? hasSigned) =>
        new(key.CanonicalId, key.Key.Id, key.Leaf.CommonName ?? "", key.NotAfter, key.Leaf.KeyType, hasSigned);
}
