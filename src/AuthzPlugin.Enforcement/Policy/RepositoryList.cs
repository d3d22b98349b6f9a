using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Policy;

/// <summary>Repositories by their full names; a <c>*</c> at the end of a pattern is the only wildcard, as in pins.</summary>
public sealed class RepositoryList(IReadOnlyList<string> patterns)
{
    public static readonly RepositoryList Empty = new([]);

    public IReadOnlyList<string> Patterns { get; } = patterns;

    public bool Covers(RepositoryName repository) => Covers(repository.Name);

    /// <param name="repository">A normalised full name.</param>
    public bool Covers(string repository) => Patterns.Any(pattern => pattern.EndsWith('*')
        ? repository.StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.Ordinal)
        : repository == pattern);
}
