using System.Globalization;
using AuthzPlugin.Enforcement.TrustData.Cache;
using AuthzPlugin.Enforcement.TrustData.Transport;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Metadata;

namespace AuthzPlugin.Enforcement.TrustData.Updates;

/// <summary>
/// Files of one repository at its server, for the length of one update. A file that is in the cache with the hashes that its
/// parent signed is not fetched again.
/// </summary>
internal sealed class ServerMetadata(NotaryTransport transport, NotaryEndpoint endpoint, MetadataFiles cached, MetadataLimits limits)
    : IMetadataSource
{
    private readonly Dictionary<string, byte[]> _fetched = new(StringComparer.Ordinal);

    /// <summary>How messages call the server.</summary>
    public string Server => $"trust server {endpoint.Base}";

    /// <summary>
    /// The newest root or timestamp by its plain name.
    /// </summary>
    /// <exception cref="RepositoryException"><see cref="RepositoryFault.NotFound"/>: the server has none.</exception>
    public async Task<byte[]> CurrentAsync(RoleName role, CancellationToken cancellation) =>
        await transport.GetAsync(endpoint, role.Text, limits.BytesFor(role), cancellation).ConfigureAwait(false)
        ?? throw new RepositoryException(RepositoryFault.NotFound, $"{Server} has no trust data for {endpoint.Repository}", role.Text);

    /// <summary>A root by its version.</summary>
    /// <exception cref="RepositoryException"><see cref="RepositoryFault.RootRotation"/>: the chain of roots has a hole.</exception>
    public async Task<byte[]> RootAsync(long version, CancellationToken cancellation)
    {
        var name = version.ToString(CultureInfo.InvariantCulture) + ".root";
        return await transport.GetAsync(endpoint, name, limits.RootBytes, cancellation).ConfigureAwait(false)
            ?? throw new RepositoryException(
                RepositoryFault.RootRotation, $"{Server} does not have root version {version}, which newer ones build on", "root");
    }

    public async ValueTask<byte[]> GetAsync(RoleName role, FileMeta meta, CancellationToken cancellation)
    {
        if (cached.Get(role) is { } file && meta.Matches(file))
        {
            return file;
        }

        // Notary 0.7 client, ConsistentName: by hash whenever one is known, whatever consistent_snapshot says.
        var name = meta.Sha256 is { } hash ? $"{role}.{hash}" : role.Text;
        if (!_fetched.TryGetValue(name, out file))
        {
            _fetched[name] = file = await FetchAsync(name, role, meta, cancellation).ConfigureAwait(false);
        }

        return file;
    }

    private async Task<byte[]> FetchAsync(string name, RoleName role, FileMeta meta, CancellationToken cancellation)
    {
        var limit = (int)Math.Min(meta.Length, limits.BytesFor(role));
        return await transport.GetAsync(endpoint, name, limit, cancellation).ConfigureAwait(false)
            ?? throw new RepositoryException(
                RepositoryFault.MissingMetadata, $"{Server} does not have the {role} file that its trust data names", role.Text);
    }
}
