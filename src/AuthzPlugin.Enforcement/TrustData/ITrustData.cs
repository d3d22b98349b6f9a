using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.TrustData;

/// <summary>Verified trust data under a policy, as decisions need it.</summary>
public interface ITrustData
{
    /// <summary>Data that is fresh, or usable while the server cannot be asked (decisions.md, "Trust data and the network").</summary>
    /// <exception cref="RepositoryException">The evidence says no.</exception>
    /// <exception cref="TransportException">The evidence could not be had.</exception>
    Task<SignedRepository> GetAsync(RepositoryName repository, TrustPolicy policy, CancellationToken cancellation);

    /// <summary>What is known without asking anybody and verifies under the policy, or null. Never waits for a network.</summary>
    Task<SignedRepository?> PeekAsync(RepositoryName repository, TrustPolicy policy, CancellationToken cancellation);
}
