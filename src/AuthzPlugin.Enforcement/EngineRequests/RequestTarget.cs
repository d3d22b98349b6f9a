using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>
/// The target of a request that changes something, read more strictly than the engine does (rule R5, engine-authz.md 2.4):
/// what passes has one reading, in every engine version.
/// </summary>
/// <param name="Path">Decoded once; UTF-8, no control characters, no empty or dot segments. The version prefix is still there.</param>
/// <param name="RawQuery">What follows the first <c>?</c>, undecoded; empty when nothing does.</param>
/// <param name="HidesPathSyntax">A <c>/</c> or <c>.</c> of the path was written as an escape.</param>
internal sealed partial record RequestTarget(string Path, string RawQuery, bool HidesPathSyntax)
{
    /// <summary>Longest target, in characters; Go's server takes no more in all headers.</summary>
    public const int MaxLength = 1 << 20;

    private static readonly SearchValues<char> Printable =
        SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c)]);

    /// <summary>Whether the path is printable ASCII: what names of containers and images are made of.</summary>
    public bool IsPlain => !Path.AsSpan().ContainsAnyExcept(Printable);

    /// <summary>Reads the target; on failure <paramref name="problem"/> is half a sentence about it.</summary>
    public static bool TryParse(
        string uri,
        [NotNullWhen(true)] out RequestTarget? target,
        [NotNullWhen(false)] out string? problem)
    {
        target = null;
        problem = CheckText(uri);
        if (problem is not null)
        {
            return false;
        }

        var relative = WithoutOrigin(uri);
        var question = relative.IndexOf('?', StringComparison.Ordinal);
        var (rawPath, rawQuery) = question < 0 ? (relative, "") : (relative[..question], relative[(question + 1)..]);
        problem = CheckPath(rawPath, out var path)
            ?? (rawQuery.Contains(';', StringComparison.Ordinal) ? "has a semicolon in its query" : null);
        if (problem is null)
        {
            target = new RequestTarget(path, rawQuery, EscapedPathSyntax().IsMatch(rawPath));
        }

        return problem is null;
    }

    private static string? CheckText(string uri) =>
        uri.Length > MaxLength ? "is too long"
        : uri.AsSpan().ContainsAnyExcept(Printable) ? "has characters that are not printable ASCII"
        : uri.Contains('#', StringComparison.Ordinal) ? "has a # in it" // 2.2a: url.Parse and ParseRequestURI read fragments differently
        : uri.Contains('\\', StringComparison.Ordinal) ? "has a backslash in it"
        : !PercentEncoding.IsValid(uri) ? "has an invalid percent escape"
        : null;

    // Absolute form: the engine ignores scheme and host.
    private static string WithoutOrigin(string uri) => Origin().Match(uri) is { Success: true } origin ? uri[origin.Length..] : uri;

    private static string? CheckPath(string raw, out string path)
    {
        path = "";
        if (!PercentEncoding.TryDecode(raw, plusIsSpace: false, out var decoded))
        {
            return "has a path that is not UTF-8 after decoding";
        }

        path = decoded;
        return !decoded.StartsWith('/') ? "has a path that does not start with a slash"
            : decoded.Any(char.IsControl) ? "has a control character in its path"
            : decoded.AsSpan().ContainsAny('%', '\\') ? "has a path that is escaped twice, or a backslash in it"
            : UncleanSegment().IsMatch(decoded) ? "has an empty segment or a dot segment in its path"
            : null;
    }

    [GeneratedRegex(@"\Ahttps?://[^/?]*(?=/)", RegexOptions.CultureInvariant)]
    private static partial Regex Origin();

    [GeneratedRegex("%2[EeFf]", RegexOptions.CultureInvariant)]
    private static partial Regex EscapedPathSyntax();

    [GeneratedRegex(@"/(?:\.\.?)?/|/\.\.?\z", RegexOptions.CultureInvariant)]
    private static partial Regex UncleanSegment();
}
