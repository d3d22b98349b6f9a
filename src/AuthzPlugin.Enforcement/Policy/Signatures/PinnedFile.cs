using System.Globalization;
using AuthzPlugin.Enforcement.Policy.Json;

namespace AuthzPlugin.Enforcement.Policy.Signatures;

/// <summary>A file that decides what runs: only root (or who runs this program) may be able to change it.</summary>
/// <param name="What">What must be in it, for messages: "public key".</param>
/// <param name="Legal">What the policy may say there.</param>
/// <param name="MaxBytes">Largest file, in bytes.</param>
internal sealed record PinnedFile(string What, string Legal, int MaxBytes)
{
    /// <summary>What is in the file, or null with a problem reported.</summary>
    public ReadOnlyMemory<byte>? Read(ConfigNode node, Findings findings)
    {
        var path = node.Text;
        if (!path.StartsWith('/') || path.Contains('\0', StringComparison.Ordinal))
        {
            findings.Problem(node, Legal, "write a path that begins with /");
            return null;
        }

        return Read(node, path, findings);
    }

    /// <summary>The same of a file that is not itself what the policy says there, but stands below it.</summary>
    public ReadOnlyMemory<byte>? Read(ConfigNode node, string path, Findings findings)
    {
        var file = ConfigFile.Read(path);
        if (FindFault(file, path) is var (found, next))
        {
            findings.Problem(node.Path, $"{ConfigText.Quote(path)}, {found}", Legal, next);
            return null;
        }

        return file.Bytes;
    }

    private (string Found, string Next)? FindFault(ConfigFile file, string path) => file switch
    {
        { IsAbsent: true } => ("which does not exist", $"copy the {What} there, or correct the path"),
        { Fault: { } fault } => (fault, $"copy the {What} there, or correct the path"),
        { WritableByStrangers: true } => ("a file that others than root can write", $"run chmod go-w {ConfigText.Escape(path)}"),
        _ when FileStamp.Of(path).IsOwnedByStranger => ("a file that belongs to somebody else than root", $"run chown root {ConfigText.Escape(path)}"),
        { Bytes.Length: var length } when length > MaxBytes => (
            string.Create(CultureInfo.InvariantCulture, $"a file of {length} bytes"), $"name the file of a {What}"),
        _ => null,
    };
}
