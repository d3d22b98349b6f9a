using AuthzPlugin.Trust.Pinning;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.TrustData.Refresh;

/// <summary>What makes two updates the same: repository, pin and server.</summary>
internal sealed record RefreshKey(RepositoryName Repository, string Pin, string Server)
{
    public static RefreshKey Of(RepositoryName repository, RootPin pin, string server) =>
        new(repository, $"{pin.Kind} {string.Join(' ', pin.Ids.Order(StringComparer.Ordinal))}", server);
}
