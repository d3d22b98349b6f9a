using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Inquiries;

/// <summary>Trust data that is known already, verified under the policy, however old; no server is asked.</summary>
public sealed class OfflineTrustData(ITrustData known) : ITrustData
{
    public async Task<SignedRepository> GetAsync(RepositoryName repository, TrustPolicy policy, CancellationToken cancellation) =>
        await known.PeekAsync(repository, policy, cancellation).ConfigureAwait(false)
        ?? throw new TransportException(
            TransportFault.Unreachable, $"no usable trust data is cached for {repository}, and without --offline its server would be asked");

    public Task<SignedRepository?> PeekAsync(RepositoryName repository, TrustPolicy policy, CancellationToken cancellation) =>
        known.PeekAsync(repository, policy, cancellation);
}
