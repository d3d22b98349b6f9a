using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Signatures;

/// <summary>Signatures that were verified already and are remembered; no registry is asked.</summary>
public sealed class OfflineSignatures(ISignatureSource known) : ISignatureSource
{
    public Task<Digest?> ResolveTagAsync(RepositoryName repository, string tag, CancellationToken cancellation) =>
        throw Unknown($"what {repository}:{tag} means now is not known");

    public Task<bool> NamesConfigAsync(RepositoryName repository, Digest manifest, Digest config, CancellationToken cancellation) =>
        throw Unknown($"the manifest {repository}@{manifest} is not known");

    public Task<CosignEvidence> FindCosignAsync(
        RepositoryName repository, Digest digest, CosignPolicy policy, TimeSpan maxAge, CancellationToken cancellation) =>
        PeekCosign(repository, digest, policy, maxAge) is { } evidence
            ? Task.FromResult(evidence)
            : throw Unknown($"no signature of {repository}@{digest} is remembered");

    public CosignEvidence? PeekCosign(RepositoryName repository, Digest digest, CosignPolicy policy, TimeSpan maxAge) =>
        known.PeekCosign(repository, digest, policy, maxAge);

    private static TransportException Unknown(string what) =>
        new(TransportFault.Unreachable, $"{what}, and without --offline the registry would be asked");
}
