using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Policy.Json;

namespace AuthzPlugin.Enforcement.Import.Containers;

/// <summary>How far a scope of the transport <c>docker</c> reaches.</summary>
internal enum ScopeKind
{
    /// <summary>A host, a namespace or a repository, and everything below it.</summary>
    Below,

    /// <summary>One tag or digest of a repository.</summary>
    Single,

    /// <summary><c>*.example.com</c>: every host below a domain.</summary>
    Hosts,

    /// <summary>It is no beginning of any reference, so it decides for nothing.</summary>
    Nothing,
}

/// <summary>A scope, and the patterns that cover the same repositories here.</summary>
/// <param name="Patterns">Of <see cref="ScopeKind.Single"/> the repository; of hosts and nothing none.</param>
internal sealed record Scope(string Path, ScopeKind Kind, IReadOnlyList<string> Patterns)
{
    /// <summary>Scopes are compared with normalised references from their beginning, at the ends of components (containers-policy.json(5)).</summary>
    public static Scope Of(string text, string path)
    {
        if (text.StartsWith("*.", StringComparison.Ordinal))
        {
            return new Scope(path, text.Contains('/', StringComparison.Ordinal) ? ScopeKind.Nothing : ScopeKind.Hosts, []);
        }

        if (text.Contains('*', StringComparison.Ordinal))
        {
            return new Scope(path, ScopeKind.Nothing, []);
        }

        if (Repository(text) is { } repository)
        {
            return IsLegal(repository) ? new Scope(path, ScopeKind.Single, [repository]) : new Scope(path, ScopeKind.Nothing, []);
        }

        string[] both = text.Contains('/', StringComparison.Ordinal) ? [text, text + "/*"] : [text + "/*"];
        var legal = both.Where(IsLegal).ToArray();
        return new Scope(path, legal.Length > 0 ? ScopeKind.Below : ScopeKind.Nothing, legal);
    }

    /// <summary>The repository of a reference with a tag or a digest; null when there is neither. Behind a host alone stands a port.</summary>
    private static string? Repository(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        if (at >= 0)
        {
            return Repository(text[..at]) ?? text[..at];
        }

        var colon = text.LastIndexOf(':');
        var slash = text.LastIndexOf('/');
        return slash >= 0 && colon > slash ? text[..colon] : null;
    }

    private static bool IsLegal(string pattern)
    {
        var findings = new Findings("");
        RepositoryPattern.Check(pattern, wildcardAllowed: true, "", findings);
        return findings.Problems.Count == 0;
    }
}
