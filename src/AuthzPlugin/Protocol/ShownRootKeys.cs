using AuthzPlugin.Enforcement.TrustData.Transport;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Inspection;
using AuthzPlugin.Trust.Metadata;

namespace AuthzPlugin.Protocol;

/// <summary>The root keys that a trust server shows for a repository. They prove nothing.</summary>
internal sealed class ShownRootKeys(NotaryTransport notary)
{
    /// <summary>Those that signed the root file.</summary>
    /// <exception cref="TrustException">There is no such file, or it cannot be had.</exception>
    public async Task<IReadOnlyList<InspectedRootKey>> AskAsync(NotaryEndpoint endpoint, CancellationToken cancellation)
    {
        var file = await notary.GetAsync(endpoint, "root", MetadataLimits.Default.RootBytes, cancellation).ConfigureAwait(false)
            ?? throw new RepositoryException(RepositoryFault.NotFound, $"{endpoint.Base} has no trust data for {endpoint.Repository}");
        return [.. RootInspection.OfRootFile(file, MetadataLimits.Default).Where(k => k.HasSigned == true)];
    }
}
