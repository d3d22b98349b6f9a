using System.Globalization;
using System.Text;
using AuthzPlugin.Trust.Json;

namespace AuthzPlugin.Trust.Sigstore;

/// <summary>
/// A log's signed state (C2SP tlog-checkpoint, in a signed note): origin, number of leaves, root hash. It is read only after the log's
/// signature over it was found good; lines by others (witnesses) are passed over.
/// </summary>
internal sealed record Checkpoint(string Origin, long Size, byte[] RootHash)
{
    private const int MaxLength = 16 * 1024;
    private const int MaxSignatures = 32;
    private const int HintSize = 4;
    private const string SignatureStart = "\u2014 ";

    /// <summary>The state, when the log signed it; null when no line is its good signature.</summary>
    /// <exception cref="FormatException">It is no note, or the log signed something that is no checkpoint.</exception>
    internal static Checkpoint? Open(string note, LogKey log)
    {
        // The signed text ends with the line break before the empty line.
        var end = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (note.Length > MaxLength || end < 0 || end + 2 >= note.Length || !note.EndsWith('\n'))
        {
            throw new FormatException("the checkpoint is no signed note");
        }

        var text = note[..(end + 1)];
        var signed = Encoding.UTF8.GetBytes(text);
        var origin = text[..text.IndexOf('\n', StringComparison.Ordinal)];
        var lines = note[(end + 2)..^1].Split('\n');
        if (lines.Length > MaxSignatures)
        {
            throw new FormatException($"the checkpoint has more than {MaxSignatures} signatures");
        }

        foreach (var line in lines)
        {
            var (name, hint, signature) = ReadLine(line);
            if (NamesLog(name, origin) && hint.AsSpan().SequenceEqual(log.CheckpointId.AsSpan(0, HintSize)) && log.Key.Verify(signed, signature))
            {
                return Read(text);
            }
        }

        return null;
    }

    private static (string Name, byte[] Hint, byte[] Signature) ReadLine(string line)
    {
        var space = line.LastIndexOf(' ');
        if (!line.StartsWith(SignatureStart, StringComparison.Ordinal) || space < SignatureStart.Length)
        {
            throw new FormatException("the checkpoint has a line that is no signature");
        }

        var bytes = StrictBase64.Decode(Encoding.UTF8.GetBytes(line[(space + 1)..]));
        return bytes.Length > HintSize
            ? (line[SignatureStart.Length..space], bytes[..HintSize], bytes[HintSize..])
            : throw new FormatException("the checkpoint has a signature that is too short");
    }

    /// <summary>Rekor 1 adds the number of its tree to the name in the origin, Rekor 2 does not.</summary>
    private static bool NamesLog(string name, string origin) =>
        name.Length > 0 && (origin == name || (origin.StartsWith(name, StringComparison.Ordinal) && origin.AsSpan(name.Length).StartsWith(" - ")));

    private static Checkpoint Read(string text)
    {
        var lines = text.Split('\n');
        return lines.Length >= 4
            && lines[0].Length > 0
            && long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            && StrictBase64.Decode(Encoding.UTF8.GetBytes(lines[2])) is { Length: MerkleTree.HashSize } root
            ? new Checkpoint(lines[0], size, root)
            : throw new FormatException("the checkpoint does not state an origin, a size and a root hash");
    }
}
