using System.Text.RegularExpressions;

namespace AuthzPlugin.Gate.Dockerfiles;

/// <summary>
/// Reads from a Dockerfile which images it uses, as the engine's classic builder (20.10 to 28) or BuildKit's frontend would. Where the
/// two, or their versions, would read it differently than this reader does, the answer is a problem, not a guess. Pure and bounded.
/// </summary>
public sealed partial class DockerfileReader
{
    /// <summary>Longest file, in bytes.</summary>
    public const int MaxLength = 1024 * 1024;

    /// <summary>Most external images; each costs a decision.</summary>
    public const int MaxImages = 128;

    /// <summary>Most stages.</summary>
    public const int MaxStages = 256;

    private readonly DockerfileOptions _options;
    private readonly LogicalLines _lines;
    private readonly GlobalArguments _arguments;
    private readonly List<ImageUse> _images = [];
    private readonly List<Replacement> _literals = [];
    private readonly List<BuildStage> _stages = [];
    private readonly List<StageUse> _stageUses = [];

    private DockerfileReader(ReadOnlySpan<byte> file, DockerfileOptions options)
    {
        _options = options;
        _lines = new LogicalLines(file);
        _arguments = new GlobalArguments(options);
    }

    /// <summary>Never throws for anything that a file can hold.</summary>
    public static DockerfileReading Read(ReadOnlySpan<byte> file, DockerfileOptions options)
    {
        if (file.Length > MaxLength)
        {
            return new DockerfileReading([], [], [], new DockerfileProblem(0, $"is larger than {MaxLength} bytes"));
        }

        var reader = new DockerfileReader(file, options);
        DockerfileProblem? problem = null;
        try
        {
            reader.ReadFile();
        }
        catch (DockerfileException e)
        {
            problem = e.Problem;
        }

        return new DockerfileReading(reader._images, reader._literals, reader._stages, problem) { StageUses = reader._stageUses };
    }

    private void ReadFile()
    {
        while (_lines.Next() is { } line)
        {
            var instruction = Instruction.Read(line.Number, line.Text);
            ReadInstruction(instruction);
            var document = instruction.Keyword == "onbuild" ? Trigger(instruction) : instruction;
            foreach (var heredoc in Heredocs.Of(document, line.Text.Bytes, _options.Builder))
            {
                if (!_lines.SkipHeredoc(heredoc.Terminator, heredoc.TabsTrimmed))
                {
                    throw new DockerfileException(line.Number, $"has a here-document that does not end ({Instruction.Shown(heredoc.Terminator)})");
                }
            }
        }

        if (_stages.Count == 0)
        {
            throw new DockerfileException(0, "has no FROM");
        }
    }

    private void ReadInstruction(Instruction instruction)
    {
        switch (instruction.Keyword)
        {
            case "from":
                ReadFrom(instruction);
                break;
            case "arg" when _stages.Count == 0:
                _arguments.Declare(instruction, _lines.Escape);
                break;
            case var keyword when _stages.Count == 0:
                throw new DockerfileException(instruction.Line, $"has {keyword.ToUpperInvariant()} before the first FROM");
            case "onbuild":
                ReadFlags(Trigger(instruction), onBuild: true);
                break;
            default:
                ReadFlags(instruction, onBuild: false);
                break;
        }
    }

    private static Instruction Trigger(Instruction instruction)
    {
        if (instruction.Flags.Count > 0)
        {
            throw new DockerfileException(instruction.Line, "has a flag, which ONBUILD does not take");
        }

        var trigger = Instruction.Read(instruction.Line, instruction.Arguments);
        return trigger.Keyword is "from" or "onbuild" or "maintainer"
            ? throw new DockerfileException(instruction.Line, $"has ONBUILD {trigger.Keyword.ToUpperInvariant()}, which builders refuse")
            : trigger;
    }

    private void ReadFrom(Instruction from)
    {
        if (_stages.Count == MaxStages)
        {
            throw new DockerfileException(from.Line, $"begins more than {MaxStages} stages");
        }

        foreach (var flag in from.Flags)
        {
            if (!flag.Bytes.StartsWith("--platform=", StringComparison.Ordinal))
            {
                throw new DockerfileException(from.Line, $"has a flag that FROM does not take ({Instruction.Shown(flag.Bytes)})");
            }
        }

        var words = Words(from);
        var stage = StageName(from.Line, words);
        var reference = Resolve(from.Line, words[0], out var isLiteral);
        if (reference == "scratch" || StageIndex(reference) >= 0)
        {
            if (!isLiteral)
            {
                _literals.Add(new Replacement(Place(from.Line, words[0]), reference));
            }
        }
        else
        {
            AddImage(new ImageUse(from.Line, ImageUseKind.From, reference, Place(from.Line, words[0]), OnBuild: false));
        }

        _stages.Add(new BuildStage(stage, reference, from.Line));
    }

    private static List<SourceText> Words(Instruction from)
    {
        var bytes = from.Arguments.Bytes;
        if (bytes.AsSpan().ContainsAnyExceptInRange(' ', '~') && bytes.Any(c => c is not '\t' and (< ' ' or > '~')))
        {
            throw new DockerfileException(from.Line, "has a FROM with a character that is not printable ASCII");
        }

        var words = new List<SourceText>();
        for (var at = 0; at < bytes.Length;)
        {
            var start = at;
            while (at < bytes.Length && !GoSpace.IsSeparator(bytes[at]))
            {
                at++;
            }

            if (at > start)
            {
                words.Add(from.Arguments.Slice(start, at - start));
            }
            else
            {
                at++;
            }
        }

        return words;
    }

    private string? StageName(int line, List<SourceText> words)
    {
        if (words.Count == 1)
        {
            return null;
        }

        if (words.Count != 3 || !words[1].Bytes.Equals("as", StringComparison.OrdinalIgnoreCase))
        {
            throw new DockerfileException(line, "has a FROM that is neither FROM image nor FROM image AS name");
        }

        var name = words[2].Bytes.ToLowerInvariant();
        if (!StageNames().IsMatch(name))
        {
            throw new DockerfileException(line, $"has a stage name that builders refuse ({Instruction.Shown(words[2].Bytes)})");
        }

        return _options.Builder == BuilderKind.Classic && StageIndex(name) >= 0
            ? throw new DockerfileException(line, $"uses the stage name {name} a second time")
            : name;
    }

    private string Resolve(int line, SourceText word, out bool isLiteral)
    {
        var bytes = word.Bytes;
        isLiteral = !bytes.AsSpan().ContainsAny("$'\"\\`");
        if (isLiteral)
        {
            return bytes;
        }

        return WordExpansion.Expand(bytes, _lines.Escape, _arguments.Find) switch
        {
            { Text: { Length: > 0 } text } => text,
            { Text: not null } => throw new DockerfileException(line, $"has a FROM that resolves to nothing ({Instruction.Shown(bytes)})"),
            { Problem: var problem } => throw new DockerfileException(line, $"has a FROM that cannot be resolved ({Instruction.Shown(bytes)}: {problem})"),
        };
    }

    private void ReadFlags(Instruction instruction, bool onBuild)
    {
        var seen = 0;
        foreach (var flag in instruction.Flags)
        {
            var bytes = flag.Bytes;
            if (instruction.Keyword is "copy" or "add" && bytes.StartsWith("--from", StringComparison.Ordinal))
            {
                const int ValueStart = 7;
                if (seen++ > 0 || bytes.Length < ValueStart || bytes[ValueStart - 1] != '=')
                {
                    throw new DockerfileException(instruction.Line, "has a --from flag twice, or without a value");
                }

                ReadFromValue(instruction.Line, ImageUseKind.CopyFrom, flag.Slice(ValueStart, bytes.Length - ValueStart), onBuild);
            }
            else if (instruction.Keyword == "run" && bytes.StartsWith("--mount=", StringComparison.Ordinal))
            {
                ReadMount(instruction.Line, flag, onBuild);
            }
        }
    }

    private void ReadMount(int line, SourceText flag, bool onBuild)
    {
        var bytes = flag.Bytes;
        if (bytes.Contains('"', StringComparison.Ordinal))
        {
            throw new DockerfileException(line, "has a mount with quotes inside quotes");
        }

        var start = "--mount=".Length;
        while (start <= bytes.Length)
        {
            var comma = bytes.IndexOf(',', start);
            var end = comma < 0 ? bytes.Length : comma;
            if (bytes.AsSpan(start, end - start).StartsWith("from=", StringComparison.OrdinalIgnoreCase))
            {
                var value = start + "from=".Length;
                ReadFromValue(line, ImageUseKind.MountFrom, flag.Slice(value, end - value), onBuild);
            }

            start = end + 1;
        }
    }

    private void ReadFromValue(int line, ImageUseKind kind, SourceText value, bool onBuild)
    {
        var name = value.Bytes;
        if (name.Length == 0)
        {
            return;
        }

        if (name.AsSpan().ContainsAny("$'\" \t"))
        {
            throw new DockerfileException(line, $"takes files from an image that cannot be resolved ({Instruction.Shown(name)}: builders expand no variables there; name a stage instead)");
        }

        // An index: also one that does not exist, which the builder refuses; what does not fit into 64 bits it takes for a name.
        if (long.TryParse(name, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out _)
            || StageIndex(name) >= 0
            || (name == "scratch" && _options.Builder == BuilderKind.BuildKit))
        {
            _stageUses.Add(new StageUse(line, name));
            return;
        }

        AddImage(new ImageUse(line, kind, name, Place(line, value), onBuild));
    }

    private void AddImage(ImageUse use)
    {
        if (_images.Count == MaxImages)
        {
            throw new DockerfileException(use.Line, $"uses more than {MaxImages} images");
        }

        _images.Add(use);
    }

    private int StageIndex(string name) =>
        _stages.FindIndex(s => s.Name is not null && s.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static ByteRange Place(int line, SourceText word) =>
        word.Place ?? throw new DockerfileException(line, $"has an image name written in pieces ({Instruction.Shown(word.Bytes)}); write it in one word");

    [GeneratedRegex(@"\A[a-z][a-z0-9_.-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex StageNames();
}
