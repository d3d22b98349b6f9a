using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Json;

namespace AuthzPlugin.Trust.Metadata;

/// <summary>Reads <c>keys</c> and the roles that name them, in roots and in delegations.</summary>
internal static class KeyReader
{
    /// <summary>All keys by id. The id that a key is listed under must be the one computed from it.</summary>
    /// <exception cref="RepositoryException">InvalidKeyId.</exception>
    internal static Dictionary<string, PublicKey> ReadKeys(JsonValue? keys, RoleName role, MetadataLimits limits)
    {
        var result = new Dictionary<string, PublicKey>(StringComparer.Ordinal);
        if (keys is not { } list)
        {
            return result;
        }

        foreach (var (name, value) in list.Members())
        {
            Limit.Check(result.Count, limits.KeysPerFile, "keys");
            var text = value.Get("keyval").Get("public").Utf8;
            Limit.Check(text.Length / 4 * 3, limits.KeyBytes + 3, "bytes in a key");
            var key = new PublicKey(value.Get("keytype").GetString(), StrictBase64.Decode(text));
            if (!name.Utf8.SequenceEqual(System.Text.Encoding.ASCII.GetBytes(key.Id)))
            {
                throw new RepositoryException(
                    RepositoryFault.InvalidKeyId,
                    $"{role} metadata lists key {key.Id} under the id {UntrustedText.Escape(name.GetString())}",
                    role.Text);
            }

            result.Add(key.Id, key);
        }

        return result;
    }

    /// <summary>The keys and threshold of one role. Naming a key that is not listed is malformed; naming none is not.</summary>
    internal static RoleKeys ReadRole(JsonValue value, Dictionary<string, PublicKey> keys)
    {
        var threshold = value.Get("threshold").GetInt64();
        if (threshold < 1)
        {
            throw new FormatException($"a role has the threshold {threshold}");
        }

        var named = new Dictionary<string, PublicKey>(StringComparer.Ordinal);
        if (value.FindNotNull("keyids") is { } ids)
        {
            foreach (var id in ids.Items())
            {
                var text = id.GetString();
                named[text] = keys.GetValueOrDefault(text) ?? throw new FormatException("a role names a key that is not listed");
            }
        }

        return new RoleKeys(named, threshold);
    }
}
