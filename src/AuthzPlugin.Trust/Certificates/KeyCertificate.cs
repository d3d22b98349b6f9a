using AuthzPlugin.Trust.Metadata;

namespace AuthzPlugin.Trust.Certificates;

/// <summary>The certificate inside a key, of any role.</summary>
internal static class KeyCertificate
{
    /// <summary>The first certificate of an x509 key; null for other keys and when it cannot be read.</summary>
    internal static CertificateFacts? TryRead(PublicKey key) =>
        key.KeyType is "ecdsa-x509" or "rsa-x509" && CertificatePem.ReadFirst(key.Value.Span) is { } der
            ? CertificateFacts.TryRead(der)
            : null;
}
