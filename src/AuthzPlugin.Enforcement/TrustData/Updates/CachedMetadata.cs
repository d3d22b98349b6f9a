using AuthzPlugin.Enforcement.TrustData.Cache;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Metadata;

namespace AuthzPlugin.Enforcement.TrustData.Updates;

/// <summary>Files of the cache alone.</summary>
internal sealed class CachedMetadata(MetadataFiles files) : IMetadataSource
{
    public ValueTask<byte[]> GetAsync(RoleName role, FileMeta meta, CancellationToken cancellation) =>
        ValueTask.FromResult(Get(role));

    public byte[] Get(RoleName role) =>
        files.Get(role) ?? throw new RepositoryException(RepositoryFault.MissingMetadata, $"the cached trust data has no {role} file", role.Text);
}
