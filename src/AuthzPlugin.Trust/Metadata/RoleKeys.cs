using System.Security.Cryptography;
using System.Text;

namespace AuthzPlugin.Trust.Metadata;

/// <summary>Who may sign for a role, and how many of them must.</summary>
/// <param name="Keys">By key id. May be empty; then nobody can.</param>
/// <param name="Threshold">Distinct keys needed, at least 1.</param>
public sealed record RoleKeys(IReadOnlyDictionary<string, PublicKey> Keys, long Threshold)
{
    /// <summary>One value for one set of keys, whatever the threshold: what version memory is bound to. 64 hex digits.</summary>
    internal string SetId => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.ASCII.GetBytes(string.Join(' ', Keys.Keys.Order(StringComparer.Ordinal)))));

    /// <summary>Whether exactly the same keys are named.</summary>
    internal bool HasSameKeys(RoleKeys other) => Keys.Count == other.Keys.Count && Keys.Keys.All(other.Keys.ContainsKey);
}
