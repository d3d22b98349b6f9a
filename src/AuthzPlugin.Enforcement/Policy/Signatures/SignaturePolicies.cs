using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Policy.Signatures;

/// <summary>
/// All entries of <c>signature-policies</c>. One entry decides for a repository, the exact one or else the one with the longest pattern;
/// without one Notary v1 decides alone.
/// </summary>
public sealed class SignaturePolicies(IEnumerable<SignaturePolicy> entries)
{
    public static readonly SignaturePolicies None = new([]);

    private readonly SignaturePolicy[] _entries =
    [
        .. entries
            .OrderBy(e => e.Pattern.EndsWith('*'))
            .ThenByDescending(e => e.Pattern.Length)
            .ThenBy(e => e.Pattern, StringComparer.Ordinal),
    ];

    /// <summary>In the order in which they are tried.</summary>
    public IReadOnlyList<SignaturePolicy> All => _entries;

    public SignaturePolicy? Match(RepositoryName repository) => Array.Find(_entries, e => e.Pattern.EndsWith('*')
        ? repository.Name.AsSpan().StartsWith(e.Pattern.AsSpan()[..^1], StringComparison.Ordinal)
        : repository.Name == e.Pattern);
}
