using AuthzPlugin.Enforcement.TrustData.Cache;
using AuthzPlugin.Enforcement.TrustData.Transport;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.Pinning;
using AuthzPlugin.Trust.References;
using AuthzPlugin.Trust.Verification;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.TrustData.Updates;

/// <summary>
/// One update of one repository: the network half of verification, whose rules are in <see cref="TrustedMetadataSet"/>.
/// The root comes from the cache or the server, the timestamp always from the server, the rest from the cache when its hash is
/// the signed one. It writes nothing.
/// </summary>
internal sealed class NotaryUpdater(NotaryTransport transport, MetadataLimits limits, TimeProvider time, ILogger logger)
{
    /// <summary>The repository as the server has it now.</summary>
    /// <param name="cached">Files of an earlier update; unverified.</param>
    /// <param name="current">An unexpired result of an earlier update under the same pin: what answers when the timestamp has not changed.</param>
    /// <param name="floors">Versions verified before under the pin.</param>
    /// <exception cref="RepositoryException">The server's data breaks a rule, or it has none.</exception>
    /// <exception cref="TransportException">The server could not be asked.</exception>
    public async Task<UpdatedMetadata> UpdateAsync(
        NotaryEndpoint endpoint, RootPin pin, MetadataFiles cached, UpdatedMetadata? current, VersionFloors floors, CancellationToken cancellation)
    {
        var server = new ServerMetadata(transport, endpoint, cached, limits);
        var timestamp = current is null ? null : await server.CurrentAsync(RoleName.Timestamp, cancellation).ConfigureAwait(false);
        if (current is not null && timestamp.AsSpan().SequenceEqual(current.Files.Get(RoleName.Timestamp)))
        {
            return current;
        }

        TrustedMetadataSet NewSet() => new(endpoint.Repository, pin, time.GetUtcNow(), limits, floors, allowExpired: false);
        if (UsableRoot(endpoint.Repository, NewSet(), cached) is not { } root)
        {
            root = await server.CurrentAsync(RoleName.Root, cancellation).ConfigureAwait(false);
            return await LoadAsync(NewSet(), root, timestamp, server, cancellation).ConfigureAwait(false);
        }

        try
        {
            return await LoadAsync(NewSet(), root, timestamp, server, cancellation).ConfigureAwait(false);
        }
        catch (RepositoryException e) when (NewerRootMayHelp(e))
        {
            return await RetryAsync(NewSet(), root, server, e, cancellation).ConfigureAwait(false);
        }
    }

    private static async Task<UpdatedMetadata> LoadAsync(
        TrustedMetadataSet set, byte[] root, byte[]? timestamp, ServerMetadata server, CancellationToken cancellation)
    {
        set.LoadRoot(root);
        set.CompleteRoot();
        timestamp ??= await server.CurrentAsync(RoleName.Timestamp, cancellation).ConfigureAwait(false);
        return await MetadataWalk.LoadAsync(set, root, timestamp, server, cancellation).ConfigureAwait(false);
    }

    // Once: with the newest root in hand, a second failure is the server's answer (Notary 0.7 client, Update).
    private async Task<UpdatedMetadata> RetryAsync(
        TrustedMetadataSet set, byte[] root, ServerMetadata server, RepositoryException cause, CancellationToken cancellation)
    {
        set.LoadRoot(root);
        var newest = await RootChain.FollowAsync(set, root, server, limits, cancellation).ConfigureAwait(false)
            ?? throw new RepositoryException(cause.Fault, cause.Message, cause.Role, cause);
        set.CompleteRoot();
        var timestamp = await server.CurrentAsync(RoleName.Timestamp, cancellation).ConfigureAwait(false);
        return await MetadataWalk.LoadAsync(set, newest, timestamp, server, cancellation).ConfigureAwait(false);
    }

    /// <summary>The cached root when it passes pins and floors; otherwise it is set aside, and the server's root must pass them.</summary>
    private byte[]? UsableRoot(RepositoryName repository, TrustedMetadataSet set, MetadataFiles cached)
    {
        if (cached.Get(RoleName.Root) is not { } root)
        {
            return null;
        }

        try
        {
            set.LoadRoot(root);
            return root;
        }
        catch (RepositoryException e)
        {
            logger.CacheSetAside(repository.Name, e.Message);
            return null;
        }
    }

    /// <summary>Whether the failure is what a changed root looks like from the old one: other keys, another hash, an expired root.</summary>
    private static bool NewerRootMayHelp(RepositoryException e) => e.Fault switch
    {
        RepositoryFault.SignatureThreshold or RepositoryFault.Unsigned or RepositoryFault.InvalidKeyId =>
            e.Role is "timestamp" or "snapshot" or "targets",
        RepositoryFault.ChecksumMismatch or RepositoryFault.Expired => e.Role == "root",
        RepositoryFault.RootCertificate => true,
        _ => false,
    };
}
