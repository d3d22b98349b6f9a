using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace AuthzPlugin.Trust.References;

/// <summary>
/// The engine's reference grammar (<c>distribution/reference</c>: normalize.go, regexp.go), ASCII only and anchored with
/// <c>\A…\z</c>. Where engine versions differ this parser takes the narrower reading: the whole name has at most 255 characters.
/// </summary>
public static partial class ImageReferenceParser
{
    /// <summary>Longest repository name, host included, in characters.</summary>
    public const int MaxNameLength = 255;

    private const int MaxTextLength = MaxNameLength + 1 + 128 + 1 + 7 + Digest.HexLength;
    private const string DefaultDomain = "docker.io";
    private const string LegacyDefaultDomain = "index.docker.io";

    /// <summary>Whether the text is a tag: a word character, then up to 127 word characters, dots and dashes.</summary>
    public static bool IsTag([NotNullWhen(true)] string? text) => text is not null && TagPattern().IsMatch(text);

    internal static bool TryParse(
        string? text,
        [NotNullWhen(true)] out ImageReference? reference,
        [NotNullWhen(false)] out string? problem)
    {
        reference = null;
        problem = Check(text);
        if (problem is not null)
        {
            return false;
        }

        if (Digest.TryFromHex(text, out var id) || Digest.TryParse(text, out id))
        {
            reference = new ImageIdReference(id);
            return true;
        }

        reference = ParseNamed(text!, out problem);
        return reference is not null;
    }

    /// <summary>Reads a name that must not be an image id: what pull, tag and services take.</summary>
    public static bool TryParseNamed(
        string? text,
        [NotNullWhen(true)] out NamedReference? reference,
        [NotNullWhen(false)] out string? problem)
    {
        reference = null;
        problem = Check(text);
        if (problem is not null)
        {
            return false;
        }

        if (Digest.TryFromHex(text, out _))
        {
            problem = "is an image id, not a name";
            return false;
        }

        reference = ParseNamed(text!, out problem);
        return reference is not null;
    }

    private static string? Check(string? text) => text switch
    {
        null or "" => "is empty",
        { Length: > MaxTextLength } => "is too long",
        _ => null,
    };

    private static NamedReference? ParseNamed(string text, out string? problem)
    {
        var (domain, remainder) = SplitDomain(text);
        var match = RemainderPattern().Match(remainder);
        if (!match.Success || !DomainPattern().IsMatch(domain))
        {
            problem = remainder.AsSpan().ContainsAnyInRange('A', 'Z')
                ? "is not a valid image reference (repository names are lower case)"
                : "is not a valid image reference";
            return null;
        }

        var repository = new RepositoryName(domain, match.Groups["path"].Value);
        if (repository.Name.Length > MaxNameLength)
        {
            problem = $"has a repository name of more than {MaxNameLength} characters";
            return null;
        }

        Digest? digest = null;
        if (match.Groups["digest"].Success && !Digest.TryParse(match.Groups["digest"].Value, out digest))
        {
            problem = "has a digest that is not sha256 with 64 lower-case hex digits";
            return null;
        }

        problem = null;
        var tag = match.Groups["tag"].Success ? match.Groups["tag"].Value : null;
        return new NamedReference(repository, tag, digest, ShortIdPattern().IsMatch(text));
    }

    /// <summary>splitDockerDomain: the first component is a host only if it looks like one.</summary>
    private static (string Domain, string Remainder) SplitDomain(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var first = slash < 0 ? "" : text[..slash];
        var isDomain = slash >= 0
            && (first == "localhost" || first.AsSpan().ContainsAny('.', ':') || first.AsSpan().ContainsAnyInRange('A', 'Z'));
        var (domain, remainder) = isDomain ? (first, text[(slash + 1)..]) : (DefaultDomain, text);
        if (domain == LegacyDefaultDomain)
        {
            domain = DefaultDomain;
        }

        return domain == DefaultDomain && !remainder.Contains('/', StringComparison.Ordinal)
            ? (domain, "library/" + remainder)
            : (domain, remainder);
    }

    [GeneratedRegex(
        @"\A(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex DomainPattern();

    [GeneratedRegex(
        @"\A(?<path>[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*)(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex RemainderPattern();

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex TagPattern();

    [GeneratedRegex(@"\A[0-9a-f]{1,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ShortIdPattern();
}
