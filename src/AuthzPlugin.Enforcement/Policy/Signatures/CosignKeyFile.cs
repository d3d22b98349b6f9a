using System.Text;
using AuthzPlugin.Enforcement.Policy.Json;
using AuthzPlugin.Trust.Cosign;

namespace AuthzPlugin.Enforcement.Policy.Signatures;

/// <summary>A file with a public key.</summary>
internal static class CosignKeyFile
{
    /// <summary>Most keys of one entry.</summary>
    public const int MaxKeys = 64;

    /// <summary>Largest file, in bytes; a key of 16384 bits has less than 4 KiB.</summary>
    public const int MaxBytes = 64 * 1024;

    private const string Legal = "the absolute path of a PEM file with one public key, which only root can write";

    private static readonly PinnedFile File = new("public key", Legal, MaxBytes);

    /// <summary>The key, or null with a problem reported.</summary>
    public static CosignKey? Read(ConfigNode node, Findings findings)
    {
        if (File.Read(node, findings) is not { } bytes)
        {
            return null;
        }

        if (CosignKey.TryRead(Encoding.UTF8.GetString(bytes.Span), out var key, out var problem))
        {
            return key;
        }

        findings.Problem(node.Path, $"{ConfigText.Quote(node.Text)}, which {problem}", Legal, "copy the .pub file of the signer there");
        return null;
    }
}
