using System.Globalization;
using System.Text;
using AuthzPlugin.Enforcement.Policy.Json;
using AuthzPlugin.Trust.Cosign;

namespace AuthzPlugin.Enforcement.Policy.Signatures;

/// <summary>A file with a public key, which decides what runs: only root (or who runs this program) may be able to change it.</summary>
internal static class CosignKeyFile
{
    /// <summary>Most keys of one entry.</summary>
    public const int MaxKeys = 64;

    /// <summary>Largest file, in bytes; a key of 16384 bits has less than 4 KiB.</summary>
    public const int MaxBytes = 64 * 1024;

    private const string Legal = "the absolute path of a PEM file with one public key, which only root can write";

    /// <summary>The key, or null with a problem reported.</summary>
    public static CosignKey? Read(ConfigNode node, Findings findings)
    {
        var path = node.Text;
        if (!path.StartsWith('/') || path.Contains('\0', StringComparison.Ordinal))
        {
            findings.Problem(node, Legal, "write a path that begins with /");
            return null;
        }

        var file = ConfigFile.Read(path);
        if (FindFault(file, path) is var (found, next))
        {
            findings.Problem(node.Path, $"{ConfigText.Quote(path)}, {found}", Legal, next);
            return null;
        }

        if (CosignKey.TryRead(Encoding.UTF8.GetString(file.Bytes!.Value.Span), out var key, out var problem))
        {
            return key;
        }

        findings.Problem(node.Path, $"{ConfigText.Quote(path)}, which {problem}", Legal, "copy the .pub file of the signer there");
        return null;
    }

    private static (string Found, string Next)? FindFault(ConfigFile file, string path) => file switch
    {
        { IsAbsent: true } => ("which does not exist", "copy the public key there, or correct the path"),
        { Fault: { } fault } => (fault, "copy the public key there, or correct the path"),
        { WritableByStrangers: true } => ("a file that others than root can write", $"run chmod go-w {ConfigText.Escape(path)}"),
        _ when FileStamp.Of(path).IsOwnedByStranger => ("a file that belongs to somebody else than root", $"run chown root {ConfigText.Escape(path)}"),
        { Bytes.Length: > MaxBytes } => (
            string.Create(CultureInfo.InvariantCulture, $"a file of {file.Bytes!.Value.Length} bytes"), "name the file of a public key"),
        _ => null,
    };
}
