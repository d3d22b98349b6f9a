using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Json;

namespace AuthzPlugin.Trust.Metadata;

/// <summary>
/// The envelope of every file (notary-v1.md 2.1). Two sets of bytes matter and are kept apart: parents hash the whole
/// <see cref="Raw"/> file; keys sign the canonical form of <c>signed</c>.
/// </summary>
internal sealed class MetadataFile
{
    private readonly JsonValue _signed;

    private MetadataFile(RoleName role, ReadOnlyMemory<byte> raw, JsonValue signed, IReadOnlyList<MetadataSignature> signatures)
    {
        Role = role;
        Raw = raw;
        _signed = signed;
        SignedBytes = CanonicalJson.Of(signed);
        Signatures = signatures;
    }

    internal RoleName Role { get; }

    internal ReadOnlyMemory<byte> Raw { get; }

    /// <summary>What signatures are made over.</summary>
    internal ReadOnlyMemory<byte> SignedBytes { get; }

    internal IReadOnlyList<MetadataSignature> Signatures { get; }

    /// <summary>Reads the envelope. Nothing in it is verified yet.</summary>
    /// <exception cref="RepositoryException">TooLarge or Malformed.</exception>
    internal static MetadataFile Parse(RoleName role, ReadOnlyMemory<byte> raw, MetadataLimits limits)
    {
        if (raw.Length > limits.BytesFor(role))
        {
            throw new RepositoryException(
                RepositoryFault.TooLarge, $"{role} metadata has {raw.Length} bytes, more than {limits.BytesFor(role)}", role.Text);
        }

        return Guard(role, () =>
        {
            var root = StrictJson.Parse(raw, limits.JsonDepth, limits.JsonTokens).Root;
            var signed = root.Get("signed");
            signed.Members();
            return new MetadataFile(role, raw, signed, ReadSignatures(root, limits));
        });
    }

    /// <summary>Reads the signed part; whatever it breaks is the fault Malformed.</summary>
    internal T Read<T>(Func<JsonValue, T> reader) => Guard(Role, () => reader(_signed));

    private static T Guard<T>(RoleName role, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (FormatException e)
        {
            throw new RepositoryException(
                RepositoryFault.Malformed, $"{role} metadata is not well formed: {UntrustedText.Escape(e.Message)}", role.Text, e);
        }
    }

    private static List<MetadataSignature> ReadSignatures(JsonValue root, MetadataLimits limits)
    {
        var result = new List<MetadataSignature>();
        if (root.FindNotNull("signatures") is not { } signatures)
        {
            return result;
        }

        foreach (var signature in signatures.Items())
        {
            Limit.Check(result.Count, limits.SignaturesPerFile, "signatures");
            result.Add(new MetadataSignature(
                signature.Get("keyid").GetString(),
                signature.Get("method").GetString(),
                StrictBase64.Decode(signature.Get("sig").Utf8)));
        }

        return result;
    }
}
