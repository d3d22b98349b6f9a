using AuthzPlugin.Enforcement.TrustData.Cache;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.Pinning;
using AuthzPlugin.Trust.References;
using AuthzPlugin.Trust.Verification;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.TrustData.Updates;

/// <summary>Verifies cached files by the same rules as the server's, pins included.</summary>
internal sealed class CachedVerifier(MetadataLimits limits, TimeProvider time, ILogger logger)
{
    /// <summary>
    /// The repository as the files have it, or null when they do not verify. When something in them has expired, the result says
    /// so in <see cref="VerifiedRepository.ExpiredRoles"/>: whether it may answer is for the policy to say.
    /// </summary>
    public async Task<UpdatedMetadata?> VerifyAsync(
        RepositoryName repository, RootPin pin, MetadataFiles files, VersionFloors floors, CancellationToken cancellation)
    {
        if (files.Get(RoleName.Root) is null)
        {
            return null;
        }

        try
        {
            return await LoadAsync(repository, pin, files, floors, allowExpired: false, cancellation).ConfigureAwait(false);
        }
        catch (RepositoryException e) when (e.Fault == RepositoryFault.Expired)
        {
            return await LoadExpiredAsync(repository, pin, files, floors, cancellation).ConfigureAwait(false);
        }
        catch (RepositoryException e)
        {
            logger.CacheSetAside(repository.Name, e.Message);
            return null;
        }
    }

    private async Task<UpdatedMetadata?> LoadExpiredAsync(
        RepositoryName repository, RootPin pin, MetadataFiles files, VersionFloors floors, CancellationToken cancellation)
    {
        try
        {
            return await LoadAsync(repository, pin, files, floors, allowExpired: true, cancellation).ConfigureAwait(false);
        }
        catch (RepositoryException e)
        {
            logger.CacheSetAside(repository.Name, e.Message);
            return null;
        }
    }

    private async Task<UpdatedMetadata> LoadAsync(
        RepositoryName repository, RootPin pin, MetadataFiles files, VersionFloors floors, bool allowExpired, CancellationToken cancellation)
    {
        var source = new CachedMetadata(files);
        var set = new TrustedMetadataSet(repository, pin, time.GetUtcNow(), limits, floors, allowExpired);
        var root = source.Get(RoleName.Root);
        set.LoadRoot(root);
        set.CompleteRoot();
        return await MetadataWalk.LoadAsync(set, root, source.Get(RoleName.Timestamp), source, cancellation).ConfigureAwait(false);
    }
}
