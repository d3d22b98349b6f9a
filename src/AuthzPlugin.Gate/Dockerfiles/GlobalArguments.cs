using System.Text;

namespace AuthzPlugin.Gate.Dockerfiles;

/// <summary>
/// The arguments that FROM lines see: those of ARG before the first FROM, overridden by the request's build arguments, and what the
/// builder defines itself.
/// </summary>
internal sealed class GlobalArguments(DockerfileOptions options)
{
    /// <summary>Most ARG words before the first FROM.</summary>
    public const int MaxArguments = 512;

    // Values without ARG: the classic builder's own list.
    private static readonly HashSet<string> Proxies = new(StringComparer.Ordinal)
    {
        "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "FTP_PROXY", "ftp_proxy", "NO_PROXY", "no_proxy",
    };

    private static readonly HashSet<string> Platform = new(StringComparer.Ordinal)
    {
        "BUILDPLATFORM", "BUILDOS", "BUILDOSVERSION", "BUILDARCH", "BUILDVARIANT",
        "TARGETPLATFORM", "TARGETOS", "TARGETOSVERSION", "TARGETARCH", "TARGETVARIANT", "TARGETSTAGE",
    };

    private readonly Dictionary<string, ArgumentValue?> _declared = new(StringComparer.Ordinal);

    /// <summary>Takes an ARG that stands before the first FROM.</summary>
    /// <exception cref="DockerfileException">The builder refuses it, or its names are not plain.</exception>
    public void Declare(Instruction arg, char escape)
    {
        if (arg.Flags.Count > 0)
        {
            throw new DockerfileException(arg.Line, "has a flag, which ARG does not take");
        }

        var words = ArgumentWords.Split(Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(arg.Arguments.Bytes)), escape);
        if (words.Count == 0)
        {
            throw new DockerfileException(arg.Line, "names no argument");
        }

        if (_declared.Count + words.Count > MaxArguments)
        {
            throw new DockerfileException(arg.Line, $"declares more than {MaxArguments} arguments before the first FROM");
        }

        // The classic builder expands all words of a line before it takes the first, BuildKit one after the other.
        var before = new Dictionary<string, ArgumentValue?>(_declared, StringComparer.Ordinal);
        foreach (var word in words)
        {
            Declare(arg.Line, word, name => options.Builder == BuilderKind.Classic ? Find(name, before) : Find(name, _declared), escape);
        }
    }

    /// <summary>What a FROM line sees; null when it is not set.</summary>
    public ArgumentValue? Find(string name) => Find(name, _declared);

    private void Declare(int line, string word, Func<string, ArgumentValue?> lookUp, char escape)
    {
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? word : word[..equals];
        if (name.Length == 0 || name.Any(c => c is <= ' ' or > '~' or '$' or '"' or '\'' or '\\' or '`'))
        {
            throw new DockerfileException(line, $"declares an argument with a name that is not plain ({Instruction.Shown(name)})");
        }

        _declared[name] = equals < 0 ? EarlierDefault(name) : WordExpansion.Expand(word[(equals + 1)..], escape, lookUp);
    }

    // ARG X again without a value: the classic builder forgets the default, BuildKit may keep it. Then nobody can say.
    private ArgumentValue? EarlierDefault(string name) =>
        _declared.GetValueOrDefault(name) is null
            ? null
            : ArgumentValue.Unresolvable($"argument {name} is declared again without a value");

    private ArgumentValue? Find(string name, Dictionary<string, ArgumentValue?> declared)
    {
        var isDeclared = declared.TryGetValue(name, out var value);
        if ((isDeclared || IsPredefined(name)) && options.BuildArgs.TryGetValue(name, out var given))
        {
            return ArgumentValue.Of(given);
        }

        if (value is not null || options.Builder == BuilderKind.Classic || !Platform.Contains(name))
        {
            return value;
        }

        return options.PlatformArgs.TryGetValue(name, out var platform)
            ? ArgumentValue.Of(platform)
            : ArgumentValue.Unresolvable($"the value of {name} is the builder's and not known here");
    }

    private bool IsPredefined(string name) =>
        options.Builder == BuilderKind.Classic ? Proxies.Contains(name) : Platform.Contains(name);
}
