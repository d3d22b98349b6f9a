using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Signatures;

/// <summary>Signatures that were verified already and are remembered; no registry is asked.</summary>
public sealed class OfflineSignatures(ISignatureSource known) : ISignatureSource
{
    public Task<Digest?> ResolveTagAsync(RepositoryName repository, string tag, CancellationToken cancellation) =>
        throw Unknown($"what {repository}:{tag} means now is not known");

    public Task<ConfigAnswer> NamesConfigAsync(RepositoryName repository, Digest manifest, Digest config, CancellationToken cancellation) =>
        throw Unknown($"the manifest {repository}@{manifest} is not known");

    public Task<ConfigAnswer> NamesConfigAsync(RepositoryName repository, string tag, Digest config, CancellationToken cancellation) =>
        throw Unknown($"what {repository}:{tag} means now is not known");

    public Task<SignatureEvidence> FindAsync(
        RepositoryName repository, Digest digest, SignatureDemand demand, TimeSpan maxAge, CancellationToken cancellation) =>
        Peek(repository, digest, demand, maxAge) is { } evidence
            ? Task.FromResult(evidence)
            : throw Unknown($"no signature of {repository}@{digest} is remembered");

    public SignatureEvidence? Peek(RepositoryName repository, Digest digest, SignatureDemand demand, TimeSpan maxAge) =>
        known.Peek(repository, digest, demand, maxAge);

    private static TransportException Unknown(string what) =>
        new(TransportFault.Unreachable, $"{what}, and without --offline the registry would be asked");
}
