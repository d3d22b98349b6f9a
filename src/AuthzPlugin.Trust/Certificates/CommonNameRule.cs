using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Trust.Certificates;

/// <summary>Which repositories a root certificate speaks for (Notary 0.7 client, MatchCNToGun).</summary>
internal static class CommonNameRule
{
    /// <summary>
    /// The name exactly; or, when the common name ends in asterisks, everything that begins with what is before them.
    /// An asterisk elsewhere stands for itself.
    /// </summary>
    internal static bool Matches(string commonName, RepositoryName repository) => Matches(commonName, repository.Name);

    internal static bool Matches(string commonName, string repository) =>
        commonName.EndsWith('*')
            ? repository.StartsWith(commonName.TrimEnd('*'), StringComparison.Ordinal)
            : commonName == repository;
}
