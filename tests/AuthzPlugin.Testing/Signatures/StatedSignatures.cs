using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Enforcement.Signatures;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Testing.Signatures;

/// <summary>Signatures as a test states them: tags and signing keys by digest, or the error that asking ends in.</summary>
public sealed class StatedSignatures : ISignatureSource
{
    /// <summary>What the registry has, by name:tag.</summary>
    public Dictionary<string, Digest> Tags { get; } = new(StringComparer.Ordinal);

    /// <summary>Ids of the keys that signed, by name@digest.</summary>
    public Dictionary<string, IReadOnlyList<string>> Keys { get; } = new(StringComparer.Ordinal);

    /// <summary>Who signed so that it counts, for the kinds that go by certificates, by kind and name@digest.</summary>
    public Dictionary<(EvidenceKind Kind, string Content), IReadOnlyList<string>> Signers { get; } = [];

    /// <summary>Configurations that a manifest names, by name@digest.</summary>
    public Dictionary<string, Digest> Configs { get; } = new(StringComparer.Ordinal);

    public TrustException? Error { get; set; }

    /// <summary>How often signatures were asked for.</summary>
    public int Asked { get; private set; }

    /// <summary>How often the registry was asked for a tag or a manifest.</summary>
    public int Looked { get; private set; }

    public Task<Digest?> ResolveTagAsync(RepositoryName repository, string tag, CancellationToken cancellation)
    {
        Looked++;
        return Error is null ? Task.FromResult(Tags.GetValueOrDefault($"{repository}:{tag}")) : throw Error;
    }

    public Task<ConfigAnswer> NamesConfigAsync(RepositoryName repository, Digest manifest, Digest config, CancellationToken cancellation)
    {
        Looked++;
        return Error is null ? Task.FromResult(Named(repository, manifest, config)) : throw Error;
    }

    public Task<ConfigAnswer> NamesConfigAsync(RepositoryName repository, string tag, Digest config, CancellationToken cancellation)
    {
        Looked++;
        return Error is null ? Task.FromResult(Named(repository, Tags.GetValueOrDefault($"{repository}:{tag}"), config)) : throw Error;
    }

    public Task<SignatureEvidence> FindAsync(
        RepositoryName repository, Digest digest, SignatureDemand demand, TimeSpan maxAge, CancellationToken cancellation)
    {
        Asked++;
        return Error is null ? Task.FromResult(Find(repository, digest, demand)) : throw Error;
    }

    public SignatureEvidence? Peek(RepositoryName repository, Digest digest, SignatureDemand demand, TimeSpan maxAge) =>
        Find(repository, digest, demand) with { FromCache = true };

    private ConfigAnswer Named(RepositoryName repository, Digest? manifest, Digest config) =>
        new(manifest, manifest is not null && Configs.GetValueOrDefault($"{repository}@{manifest}") == config, FromCache: false);

    private SignatureEvidence Find(RepositoryName repository, Digest digest, SignatureDemand demand)
    {
        var content = $"{repository}@{digest}";
        var signers = (demand is CosignPolicy ? Keys.GetValueOrDefault(content) : Signers.GetValueOrDefault((demand.Kind, content))) ?? [];
        var counting = demand is CosignPolicy cosign ? [.. cosign.Keys.Select(k => k.Id).Where(signers.Contains)] : signers.ToArray();
        return new SignatureEvidence(
            counting,
            demand.Threshold,
            [.. signers.Select(s => new SignatureLine(counting.Contains(s), $"by {s}"))],
            signers.Count,
            DateTimeOffset.UnixEpoch,
            CountsUntil: null,
            FromCache: false);
    }
}
