using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Policy;

/// <summary>
/// Which trust server is asked about a repository: the longest matching entry of <c>trust-servers</c>
/// (a registry host, an exact repository, or a repository pattern with a trailing <c>*</c>);
/// without one <c>https://notary.docker.io</c> for Docker Hub, otherwise <c>https://&lt;registry host&gt;</c>
/// (as the Docker CLI does).
/// </summary>
public sealed class TrustServers
{
    private readonly (string Pattern, Uri Server)[] _entries;

    public TrustServers(IEnumerable<KeyValuePair<string, Uri>> entries) =>
        _entries =
        [
            .. entries.Select(e => (e.Key, e.Value))
                .OrderByDescending(e => e.Key.TrimEnd('*').Length)
                .ThenBy(e => e.Key, StringComparer.Ordinal),
        ];

    /// <summary>The entries, in the order in which they are tried.</summary>
    public IReadOnlyList<KeyValuePair<string, Uri>> All => [.. _entries.Select(e => new KeyValuePair<string, Uri>(e.Pattern, e.Server))];

    /// <summary>The base URL, without a trailing slash in its path.</summary>
    public Uri For(RepositoryName repository)
    {
        foreach (var (pattern, server) in _entries)
        {
            if (Matches(pattern, repository))
            {
                return server;
            }
        }

        return Default(repository.Domain);
    }

    /// <summary>Who is asked about a registry that no entry speaks of.</summary>
    internal static Uri Default(string registry) => new(registry == "docker.io" ? "https://notary.docker.io" : "https://" + registry);

    private static bool Matches(string pattern, RepositoryName repository) =>
        pattern == repository.Domain
        || pattern == repository.Name
        || (pattern.EndsWith('*') && repository.Name.AsSpan().StartsWith(pattern.AsSpan()[..^1], StringComparison.Ordinal));
}
