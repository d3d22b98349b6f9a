using System.Text.Json;

namespace AuthzPlugin.Enforcement.Audit;

/// <summary>The end of the newest file of a log, as a start finds it.</summary>
/// <param name="Head">The end of the chain as far as it can be told.</param>
/// <param name="Break">Half a sentence about what is wrong with it; null: nothing.</param>
/// <param name="EndsInLine">The last line has no line feed.</param>
internal sealed record AuditTail(AuditHead Head, string? Break, bool EndsInLine)
{
    /// <summary>Longer lines than any that is written.</summary>
    public const int MaxLineBytes = 4 * 1024 * 1024;

    /// <exception cref="IOException">The files cannot be read.</exception>
    public static AuditTail Read(string path)
    {
        foreach (var file in AuditFiles.OldestFirst(path).Reverse())
        {
            var (line, before, terminated) = LastLines(file);
            if (line.Length > 0)
            {
                return Of(line, before, terminated);
            }
        }

        return new AuditTail(AuditHead.Start, null, false);
    }

    private static AuditTail Of(byte[] line, byte[] before, bool terminated)
    {
        if (SequenceOf(line) is { } sequence)
        {
            return new AuditTail(new AuditHead(sequence, AuditHead.HashOf(line)), null, !terminated);
        }

        // Half a line, after a crash of the machine. It keeps its place in the chain: the next line names its hash.
        var number = (SequenceOf(before) ?? 0) + 1;
        return new AuditTail(new AuditHead(number, AuditHead.HashOf(line)), $"line {number} is not whole", !terminated);
    }

    private static long? SequenceOf(byte[] line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("seq", out var seq) && seq.ValueKind == JsonValueKind.Number && seq.TryGetInt64(out var number) && number > 0
                    ? number
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The last two lines of a file, from at most so many bytes at its end.</summary>
    private static (byte[] Line, byte[] Before, bool Terminated) LastLines(string file)
    {
        if (!File.Exists(file))
        {
            return ([], [], true);
        }

        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Seek(-Math.Min(stream.Length, 2L * MaxLineBytes), SeekOrigin.End);
        var end = new byte[stream.Length - stream.Position];
        stream.ReadExactly(end);
        var terminated = end.Length == 0 || end[^1] == (byte)'\n';
        var text = terminated && end.Length > 0 ? end.AsSpan(..^1) : end;
        var cut = text.LastIndexOf((byte)'\n');
        var rest = cut < 0 ? [] : text[..cut];
        return (text[(cut + 1)..].ToArray(), rest[(rest.LastIndexOf((byte)'\n') + 1)..].ToArray(), terminated);
    }
}
