using AuthzPlugin.Trust.Metadata;

namespace AuthzPlugin.Enforcement.TrustData.Updates;

/// <summary>Where files come from whose length and hashes a parent signed: the cache alone, or the cache and then the server.</summary>
internal interface IMetadataSource
{
    /// <summary>A candidate for the file; whoever gets it verifies it.</summary>
    /// <exception cref="AuthzPlugin.Trust.Errors.RepositoryException">There is none.</exception>
    ValueTask<byte[]> GetAsync(RoleName role, FileMeta meta, CancellationToken cancellation);
}
