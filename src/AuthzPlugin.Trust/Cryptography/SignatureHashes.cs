using System.Security.Cryptography;

namespace AuthzPlugin.Trust.Cryptography;

/// <summary>The hashes of signature algorithms by their object identifiers: SHA-256, SHA-384 and SHA-512; null for all others, SHA-1 among them.</summary>
internal static class SignatureHashes
{
    /// <summary><c>ecdsa-with-SHA256</c> and its sisters (RFC 5758 3.2).</summary>
    internal static HashAlgorithmName? OfEcdsa(string algorithm) => algorithm switch
    {
        "1.2.840.10045.4.3.2" => HashAlgorithmName.SHA256,
        "1.2.840.10045.4.3.3" => HashAlgorithmName.SHA384,
        "1.2.840.10045.4.3.4" => HashAlgorithmName.SHA512,
        _ => null,
    };

    /// <summary><c>sha256WithRSAEncryption</c> and its sisters, PKCS #1 v1.5 (RFC 4055 5).</summary>
    internal static HashAlgorithmName? OfRsa(string algorithm) => algorithm switch
    {
        "1.2.840.113549.1.1.11" => HashAlgorithmName.SHA256,
        "1.2.840.113549.1.1.12" => HashAlgorithmName.SHA384,
        "1.2.840.113549.1.1.13" => HashAlgorithmName.SHA512,
        _ => null,
    };
}
