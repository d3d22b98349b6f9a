using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.Verification;

namespace AuthzPlugin.Enforcement.TrustData.Updates;

/// <summary>Follows newer roots, one version at a time and each signed by the one before (TUF 5.3.3 to 5.3.9).</summary>
internal static class RootChain
{
    /// <summary>
    /// Loads every root between the present one and the server's newest. Null when there is no newer one.
    /// </summary>
    /// <param name="set">Has the root <paramref name="present"/>.</param>
    /// <exception cref="RepositoryException">
    /// The server's newest root is older, another one of the same version, too far away, or breaks a rule.
    /// </exception>
    public static async Task<byte[]?> FollowAsync(
        TrustedMetadataSet set, byte[] present, ServerMetadata server, MetadataLimits limits, CancellationToken cancellation)
    {
        var newest = await server.CurrentAsync(RoleName.Root, cancellation).ConfigureAwait(false);
        var version = TrustedMetadataSet.PeekRootVersion(newest, limits);
        if (version == set.RootVersion && newest.AsSpan().SequenceEqual(present))
        {
            return null;
        }

        CheckDistance(set.RootVersion, version, server.Server, limits);
        while (set.RootVersion + 1 < version)
        {
            var next = set.RootVersion + 1;
            set.LoadNextRoot(await server.RootAsync(next, cancellation).ConfigureAwait(false), next);
        }

        set.LoadNextRoot(newest, version);
        return newest;
    }

    private static void CheckDistance(long present, long newest, string server, MetadataLimits limits)
    {
        if (newest < present)
        {
            throw new RepositoryException(
                RepositoryFault.Rollback, $"{server} has root version {newest}, and version {present} was verified before", "root");
        }

        if (newest == present)
        {
            throw new RepositoryException(
                RepositoryFault.RootRotation, $"{server} has another root version {newest} than the one that was verified before", "root");
        }

        if (newest - present > limits.RootRotations)
        {
            throw new RepositoryException(
                RepositoryFault.RootRotation,
                $"{server} has root version {newest}, more than {limits.RootRotations} after version {present} that was verified before",
                "root");
        }
    }
}
