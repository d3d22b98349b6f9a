using AuthzPlugin.Trust.Cryptography;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Metadata;

namespace AuthzPlugin.Trust.Verification;

/// <summary>
/// Counts the keys that signed a file (Notary 0.7 client, VerifySignatures; TUF 5.3.4). Keys count once, however often they signed.
/// </summary>
internal static class SignatureThreshold
{
    /// <summary>Enough of the role's keys signed the file: these.</summary>
    /// <exception cref="RepositoryException">Unsigned or SignatureThreshold.</exception>
    internal static RoleSigners Require(MetadataFile file, RoleKeys keys)
    {
        RequireSignatures(file);
        var valid = ValidKeys(file, keys.Keys);
        return valid.Count >= keys.Threshold ? RoleSigners.Of(valid, keys) : throw new RepositoryException(
            RepositoryFault.SignatureThreshold, $"{file.Role} is signed by {valid.Count} of {keys.Threshold} needed keys", file.Role.Text);
    }

    /// <exception cref="RepositoryException">Unsigned.</exception>
    internal static void RequireSignatures(MetadataFile file)
    {
        if (file.Signatures.Count == 0)
        {
            throw new RepositoryException(RepositoryFault.Unsigned, $"{file.Role} has no signatures", file.Role.Text);
        }
    }

    /// <summary>Ids of the keys that made a good signature. Signatures of unknown keys and bad ones say nothing.</summary>
    internal static HashSet<string> ValidKeys(MetadataFile file, IReadOnlyDictionary<string, PublicKey> keys)
    {
        var valid = new HashSet<string>(StringComparer.Ordinal);
        foreach (var signature in file.Signatures)
        {
            if (!valid.Contains(signature.KeyId)
                && keys.TryGetValue(signature.KeyId, out var key)
                && SignatureVerifier.Verify(key, signature.Method, file.SignedBytes.Span, signature.Value))
            {
                valid.Add(signature.KeyId);
            }
        }

        return valid;
    }
}
