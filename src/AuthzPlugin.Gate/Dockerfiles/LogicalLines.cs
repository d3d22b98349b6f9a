using System.Text;

namespace AuthzPlugin.Gate.Dockerfiles;

/// <summary>One instruction, its continued lines joined, comments between them gone.</summary>
/// <param name="Number">Where it begins, from 1.</param>
internal sealed record LogicalLine(int Number, SourceText Text);

/// <summary>
/// Cuts a Dockerfile into instructions as the builders' scanner does: lines end with a line feed, leading white space of an
/// instruction is dropped, a comment or an empty line between continued lines is skipped and the instruction goes on.
/// </summary>
internal sealed class LogicalLines
{
    /// <summary>Longest line in bytes; the builders' scanner takes one less than 64 KiB.</summary>
    public const int MaxLineLength = 64 * 1024 - 2;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private readonly string _bytes;
    private readonly ParserDirectives _directives = new();
    private int _at;
    private int _number;

    public LogicalLines(ReadOnlySpan<byte> file)
    {
        _bytes = Encoding.Latin1.GetString(file);
        _at = file.StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;
    }

    /// <summary>The escape character; certain once the first instruction was read.</summary>
    public char Escape => _directives.Escape;

    /// <summary>The next instruction; null at the end.</summary>
    /// <exception cref="DockerfileException">A line is too long, or builders may read it differently.</exception>
    public LogicalLine? Next()
    {
        while (NextLine() is { } line)
        {
            var start = GoSpace.Skip(_bytes, line.Start, line.End);
            _directives.Read(_bytes[start..line.End], _number);
            if (start == line.End || _bytes[start] == '#')
            {
                continue;
            }

            var first = _number;
            var text = new SourceText();
            var goesOn = Append(text, start, line.End);
            while (goesOn && NextLine() is { } next)
            {
                start = GoSpace.Skip(_bytes, next.Start, next.End);
                if (start < next.End && _bytes[start] != '#')
                {
                    goesOn = Append(text, next.Start, next.End);
                }
            }

            return new LogicalLine(first, text);
        }

        return null;
    }

    /// <summary>Passes over the lines of a here-document.</summary>
    /// <returns>False if the file ends before it does.</returns>
    public bool SkipHeredoc(string terminator, bool tabsTrimmed)
    {
        while (NextLine() is { } line)
        {
            var start = line.Start;
            while (tabsTrimmed && start < line.End && _bytes[start] == '\t')
            {
                start++;
            }

            if (string.Equals(_bytes[start..line.End], terminator, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private (int Start, int End)? NextLine()
    {
        if (_at >= _bytes.Length)
        {
            return null;
        }

        _number++;
        var start = _at;
        var feed = _bytes.IndexOf('\n', start);
        var end = feed < 0 ? _bytes.Length : feed;
        _at = feed < 0 ? _bytes.Length : feed + 1;
        if (end - start > MaxLineLength)
        {
            throw new DockerfileException(_number, $"has more than {MaxLineLength} bytes");
        }

        if (end > start && _bytes[end - 1] == '\r')
        {
            end--;
        }

        // Builders cut one or all of several carriage returns, and take one inside a line for white space.
        return _bytes.AsSpan(start, end - start).Contains('\r')
            ? throw new DockerfileException(_number, "has a carriage return that does not end it")
            : (start, end);
    }

    /// <summary>Adds the line without its continuation character.</summary>
    /// <returns>Whether it had one, unescaped.</returns>
    private bool Append(SourceText text, int start, int end)
    {
        var last = end - 1;
        while (last >= start && _bytes[last] is ' ' or '\t')
        {
            last--;
        }

        var continues = last >= start && _bytes[last] == Escape && (last == start || _bytes[last - 1] != Escape);
        text.Append(_bytes, start, (continues ? last : end) - start);
        return continues;
    }
}
