using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Gate.Dockerfiles;

/// <summary>One instruction, taken apart.</summary>
/// <param name="Keyword">Lower case, one that builders know.</param>
/// <param name="Flags">The words with <c>--</c> before the arguments, quotes removed.</param>
/// <param name="Arguments">The rest.</param>
internal sealed record Instruction(int Line, string Keyword, IReadOnlyList<SourceText> Flags, SourceText Arguments)
{
    private static readonly HashSet<string> Keywords = new(StringComparer.Ordinal)
    {
        "add", "arg", "cmd", "copy", "entrypoint", "env", "expose", "from", "healthcheck", "label", "maintainer", "onbuild", "run",
        "shell", "stopsignal", "user", "volume", "workdir",
    };

    /// <summary>Whether its flags may name an image, or hide one if they were misread.</summary>
    private bool HasFlags => Keyword is "from" or "copy" or "add" or "run" or "arg" or "onbuild";

    /// <exception cref="DockerfileException">Builders do not know it, or may read it differently.</exception>
    public static Instruction Read(int line, SourceText text)
    {
        var bytes = text.Bytes;
        var start = GoSpace.Skip(bytes, 0, bytes.Length);
        var end = start;
        while (end < bytes.Length && !GoSpace.IsSeparator(bytes[end]))
        {
            end++;
        }

        // Only ASCII is put into lower case, so that no look-alike letter becomes another instruction here than there.
        var word = bytes[start..end];
        var keyword = word.ToLowerInvariant();
        if (!word.All(char.IsAsciiLetter) || !Keywords.Contains(keyword))
        {
            throw new DockerfileException(line, $"has an unknown instruction {Shown(word)}");
        }

        var rest = text.Slice(end, bytes.Length - end);
        var instruction = new Instruction(line, keyword, [], rest);
        return instruction.HasFlags ? FlagWords.Read(instruction) : instruction;
    }

    /// <summary>What came from the file, short and escaped.</summary>
    internal static string Shown(string bytes) => UntrustedText.Escape(bytes.Length > 80 ? bytes[..80] + "..." : bytes);
}
