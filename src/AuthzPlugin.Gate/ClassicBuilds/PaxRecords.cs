using System.Text;

namespace AuthzPlugin.Gate.ClassicBuilds;

/// <summary>The records of a PAX extended header that say what an entry is; others are passed on unread.</summary>
/// <param name="Path">Null when absent; one byte in each character.</param>
/// <param name="Link">Null when absent.</param>
internal sealed record PaxRecords(string? Path, string? Link, bool HasSize)
{
    /// <exception cref="ContextException">A record is malformed, stands twice, or makes the entry a sparse file.</exception>
    public static PaxRecords Read(ReadOnlySpan<byte> content)
    {
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        while (!content.IsEmpty)
        {
            var (key, value, length) = ReadRecord(content);
            content = content[length..];
            if (key.StartsWith("GNU.sparse.", StringComparison.Ordinal))
            {
                throw new ContextException("has a sparse file, which readers take differently; write it without --sparse");
            }

            if (!seen.TryAdd(key, value) && key is "path" or "linkpath" or "size")
            {
                throw new ContextException($"has an extended header with two records {key}");
            }
        }

        return new PaxRecords(Text(seen, "path"), Text(seen, "linkpath"), seen.ContainsKey("size"));
    }

    /// <summary><c>LENGTH KEY=VALUE\n</c>; the length counts everything.</summary>
    private static (string Key, string Value, int Length) ReadRecord(ReadOnlySpan<byte> content)
    {
        const int MaxDigits = 7;
        var space = content.IndexOf((byte)' ');
        if (space is < 1 or > MaxDigits || content[0] == '0' || content[..space].ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            throw Malformed();
        }

        var length = int.Parse(content[..space], System.Globalization.CultureInfo.InvariantCulture);
        if (length <= space + 1 || length > content.Length || content[length - 1] != '\n')
        {
            throw Malformed();
        }

        var record = content[(space + 1)..(length - 1)];
        var equals = record.IndexOf((byte)'=');
        return equals < 1
            ? throw Malformed()
            : (Encoding.Latin1.GetString(record[..equals]), Encoding.Latin1.GetString(record[(equals + 1)..]), length);
    }

    private static string? Text(Dictionary<string, string> records, string key) =>
        !records.TryGetValue(key, out var value) ? null
        : value.Length > 0 && !value.Contains('\0', StringComparison.Ordinal) ? value
        : throw new ContextException($"has an extended header with an empty or unreadable {key}");

    private static ContextException Malformed() => new("has an extended header that is not well formed");
}
