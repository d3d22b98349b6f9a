namespace AuthzPlugin.Gate.Dockerfiles;

/// <summary>
/// Reads the flags of an instruction: words that begin with <c>--</c>, before the first that does not; <c>--</c> alone ends them.
/// Quotes are removed. Builders of different age differ about the escape character in them, and read them byte by byte: neither
/// escapes nor bytes beyond ASCII are accepted there.
/// </summary>
internal static class FlagWords
{
    public static Instruction Read(Instruction instruction)
    {
        var arguments = instruction.Arguments;
        var bytes = arguments.Bytes;
        var flags = new List<SourceText>();
        for (var at = 0; ;)
        {
            at = SkipSpace(instruction, bytes, at);
            if (!bytes.AsSpan(at).StartsWith("--"))
            {
                return instruction with { Flags = flags, Arguments = arguments.Slice(at, bytes.Length - at) };
            }

            var (word, end) = ReadWord(instruction, arguments, bytes, at);
            at = end;
            if (word.Bytes == "--")
            {
                return instruction with { Flags = flags, Arguments = arguments.Slice(at, bytes.Length - at) };
            }

            flags.Add(word);
        }
    }

    private static int SkipSpace(Instruction instruction, string bytes, int at)
    {
        while (at < bytes.Length && GoSpace.IsSeparator(bytes[at]))
        {
            at++;
        }

        // As single bytes these are white space to the builders, though not in UTF-8.
        return at < bytes.Length && bytes[at] is '\u0085' or '\u00a0'
            ? throw new DockerfileException(instruction.Line, "has a byte that is not UTF-8 before its arguments")
            : at;
    }

    private static (SourceText Word, int End) ReadWord(Instruction instruction, SourceText text, string bytes, int at)
    {
        var word = new SourceText();
        var quote = '\0';
        for (; at < bytes.Length; at++)
        {
            var c = bytes[at];
            if (c is '\\' or '`' or (< ' ' and not '\t') or > '~')
            {
                throw new DockerfileException(
                    instruction.Line, $"has a flag with a character that builders read differently ({Instruction.Shown(bytes[at..(at + 1)])})");
            }

            if (quote != '\0' && c == quote)
            {
                quote = '\0';
            }
            else if (quote == '\0' && c is '\'' or '"')
            {
                quote = c;
            }
            else if (quote == '\0' && GoSpace.IsSeparator(c))
            {
                break;
            }
            else
            {
                word.Append(text, at);
            }
        }

        return quote == '\0' ? (word, at) : throw new DockerfileException(instruction.Line, "has a flag whose quotes do not end");
    }
}
