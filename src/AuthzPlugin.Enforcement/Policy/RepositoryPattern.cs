using AuthzPlugin.Enforcement.Policy.Json;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Policy;

/// <summary>
/// Whether a pattern is well formed and can match at all. Repositories are compared by their normalised full name,
/// so <c>alpine</c>, <c>foo/*</c> or <c>index.docker.io/*</c> would never match anything and are problems.
/// </summary>
internal static class RepositoryPattern
{
    private const string Legal = "a full repository name such as registry.example.com/team/app";
    private const string LegalWithWildcard = Legal + ", or the beginning of one followed by *";

    /// <summary>
    /// Ways to go on after a prefix. If none leads to a name that begins with the prefix, nothing does: they
    /// finish a host, a port, an address in brackets, a path component, or begin a new one.
    /// </summary>
    private static readonly string[] Continuations = ["a", "/a", "a/a", ".a/a", "a.a/a", "a:1/a", ":1/a", "1/a", "1]/a", "]/a"];

    public static void Check(string pattern, bool wildcardAllowed, string path, Findings findings)
    {
        var legal = wildcardAllowed ? LegalWithWildcard : Legal;
        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        if (star >= 0 && !wildcardAllowed)
        {
            findings.Problem(
                path,
                $"a wildcard in {ConfigText.Quote(pattern)}",
                legal,
                "write one entry for each repository, or use root-keys");
        }
        else if (star >= 0 && star != pattern.Length - 1)
        {
            findings.Problem(path, $"a * before the end of {ConfigText.Quote(pattern)}", legal, "write * as the last character only");
        }
        else if (star >= 0)
        {
            CheckPrefix(pattern[..^1], legal, path, findings);
        }
        else
        {
            CheckName(pattern, legal, path, findings);
        }
    }

    /// <summary>
    /// The registry host (as the engine normalises it) when the text is meant as one, with or without scheme and closing slash;
    /// as a name the engine would take it for a repository of Docker Hub.
    /// </summary>
    public static string? HostIn(string text)
    {
        var bare = WithoutScheme(text).TrimEnd('/');
        var first = bare.Split(':')[0];
        return !bare.Contains('/', StringComparison.Ordinal)
            && (first == "localhost" || first.Contains('.', StringComparison.Ordinal))
            && ImageReferenceParser.TryParseNamed(bare + "/a", out var reference, out _)
            ? reference.Repository.Domain
            : null;
    }

    private static void CheckName(string pattern, string legal, string path, Findings findings)
    {
        if (HostIn(pattern) is { } host)
        {
            var all = legal == LegalWithWildcard ? "*" : "REPOSITORY";
            findings.Problem(path, $"{ConfigText.Quote(pattern)}, a registry without a repository", legal, $"write \"{host}/{all}\"");
        }
        else if (!ImageReferenceParser.TryParseNamed(pattern, out var reference, out var problem))
        {
            findings.Problem(path, $"{ConfigText.Quote(pattern)}, which {problem}", legal, Suggest(pattern));
        }
        else if (reference.Tag is not null || reference.Digest is not null)
        {
            findings.Problem(path, $"a tag or digest in {ConfigText.Quote(pattern)}", legal, $"write \"{reference.Repository}\"");
        }
        else if (reference.Repository.Name != pattern)
        {
            findings.Problem(
                path,
                $"{ConfigText.Quote(pattern)}, which matches nothing",
                legal,
                $"write \"{reference.Repository}\", the full name");
        }
    }

    private static void CheckPrefix(string prefix, string legal, string path, Findings findings)
    {
        if (!CanMatch(prefix))
        {
            findings.Problem(path, $"{ConfigText.Quote(prefix + "*")}, which matches nothing", legal, Suggest(prefix));
        }
        else if (!prefix.EndsWith('/'))
        {
            findings.Warning(path, Widening(prefix), "a * after a /", "end the pattern with /* unless all of these are meant");
        }
    }

    private static string Widening(string prefix) => prefix switch
    {
        "" => "\"*\", which covers every repository of every registry",
        _ when !prefix.Contains('/', StringComparison.Ordinal) =>
            $"{ConfigText.Quote(prefix + "*")}, which covers every registry whose host begins so (also {prefix}.attacker.example)",
        _ => $"{ConfigText.Quote(prefix + "*")}, which also covers {prefix}-other/app",
    };

    private static bool CanMatch(string prefix) =>
        Continuations.Any(c =>
            ImageReferenceParser.TryParseNamed(prefix + c, out var reference, out _)
            && reference.Repository.Name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>The nearest legal spelling: without a scheme, in lower case, with the host that the engine adds.</summary>
    private static string Suggest(string text)
    {
        var bare = WithoutScheme(text);
        var slash = bare.EndsWith('/');
        var guess = slash ? bare + "a" : bare;
        return ImageReferenceParser.TryParseNamed(guess, out var reference, out _) && reference.Tag is null && reference.Digest is null
            ? $"write \"{(slash ? reference.Repository.Name[..^1] + "*" : reference.Repository.Name)}\""
            : "write the repository's full name in lower case, without scheme, tag or digest";
    }

    private static string WithoutScheme(string text)
    {
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        return (scheme < 0 ? text : text[(scheme + 3)..]).Trim();
    }
}
