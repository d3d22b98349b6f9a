using System.Runtime.CompilerServices;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Trust.Cosign;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Notation;
using AuthzPlugin.Trust.Oci;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Registry;

/// <summary>What a registry has as a signature of an image.</summary>
/// <param name="Where">Place in the registry, for messages: a tag or digest, escaped.</param>
/// <param name="Signature">Null when it could not be read.</param>
/// <param name="Problem">Why not: half a sentence, escaped.</param>
internal sealed record FoundSignature(string Where, ImageSignature? Signature, string Problem = "");

/// <summary>
/// Looks for signatures of one kind of one digest: for cosign the tag <c>sha256-HEX.sig</c>, then for every kind what refers to the digest, by
/// the registry's own list or, where it has none, by the tag <c>sha256-HEX</c>. Signatures come one by one, so that the search ends with the
/// last one that is needed.
/// The types are read from the manifests themselves: lists of older tools have wrong ones. One search, one object; not thread-safe.
/// </summary>
internal sealed class SignatureSearch(RegistryClient registry, RepositoryName repository, Digest image, EvidenceKind kind)
{
    private const string SimpleSigningLayer = "application/vnd.dev.cosign.simplesigning.v1+json";
    private const string SignatureAnnotation = "dev.cosignproject.cosign/signature";
    private const string CertificateAnnotation = "dev.sigstore.cosign/certificate";
    private const string LogEntryAnnotation = "dev.sigstore.cosign/bundle";
    private const string TimestampAnnotation = "dev.sigstore.cosign/rfc3161timestamp";
    private const string SimpleSigningArtifact = "application/vnd.dev.cosign.artifact.sig.v1+json";
    private const string BundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";

    private const string NotationArtifact = "application/vnd.cncf.notary.signature";
    private const string JwsLayer = "application/jose+json";
    private const string CoseLayer = "application/cose";

    private readonly HashSet<Digest> _opened = [];
    private readonly SearchReader _reader = new(registry, repository);
    private NotationTarget? _target;

    /// <inheritdoc cref="SearchReader.LeftOut"/>
    public string LeftOut => _reader.LeftOut;

    /// <exception cref="TransportException">The registry does not answer, or wants a login.</exception>
    /// <exception cref="OperationCanceledException">The caller's budget ran out.</exception>
    public async IAsyncEnumerable<FoundSignature> FindAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        if (!IsNotation)
        {
            await foreach (var found in OfTagAsync(cancellation).ConfigureAwait(false))
            {
                yield return found;
            }
        }

        await foreach (var referrer in ReferrersAsync(cancellation).ConfigureAwait(false))
        {
            if (referrer.Problem.Length > 0)
            {
                yield return referrer;
                continue;
            }

            await foreach (var found in OfReferrerAsync(referrer.Where, cancellation).ConfigureAwait(false))
            {
                yield return found;
            }
        }
    }

    private bool IsNotation => kind == EvidenceKind.Notation;

    private async IAsyncEnumerable<FoundSignature> OfTagAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var tag = $"sha256-{image.Hex}.sig";
        var (manifest, problem) = await _reader.ReadAsync(
            async () => (await registry.FindTagAsync(repository, tag, cancellation).ConfigureAwait(false))?.Bytes).ConfigureAwait(false);
        if (problem is not null)
        {
            yield return new FoundSignature(tag, null, problem);
        }

        await foreach (var found in LayersAsync(tag, manifest, cancellation).ConfigureAwait(false))
        {
            yield return found;
        }
    }

    /// <summary>Digests of manifests that may hold signatures, those first that the list says so of; or a problem.</summary>
    private async IAsyncEnumerable<FoundSignature> ReferrersAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var others = new List<Digest>();
        await foreach (var (where, index, problem) in IndexesAsync(cancellation).ConfigureAwait(false))
        {
            if (problem is not null)
            {
                yield return new FoundSignature(where, null, problem);
            }

            foreach (var descriptor in index?.Manifests ?? [])
            {
                if (IsNotation ? descriptor.ArtifactType == NotationArtifact : descriptor.ArtifactType is BundleType or SimpleSigningArtifact)
                {
                    yield return new FoundSignature(descriptor.Digest.ToString(), null);
                }
                else if (others.Count <= RegistryLimits.Manifests)
                {
                    others.Add(descriptor.Digest);
                }
            }
        }

        foreach (var digest in others)
        {
            yield return new FoundSignature(digest.ToString(), null);
        }
    }

    private async IAsyncEnumerable<(string Where, OciManifest? Index, string? Problem)> IndexesAsync(
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        Uri? page = null;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var pages = 0; pages < RegistryLimits.ReferrerPages && !_reader.IsExhausted; pages++)
        {
            Uri? next = null;
            var isKnown = true;
            var (index, problem) = await _reader.ReadAsync(async () =>
            {
                var found = await registry.FindReferrersAsync(repository, image, page, cancellation).ConfigureAwait(false);
                (next, isKnown) = (found?.Next, found is not null);
                return found?.Bytes;
            }).ConfigureAwait(false);
            if (!isKnown && page is null)
            {
                yield return await FallbackAsync(cancellation).ConfigureAwait(false);
                yield break;
            }

            yield return ("the list of referrers", index, problem);
            if (next is null || !seen.Add(next.AbsoluteUri))
            {
                yield break;
            }

            page = next;
        }

        _reader.LeaveOut("a list of referrers that goes on");
    }

    private async Task<(string Where, OciManifest? Index, string? Problem)> FallbackAsync(CancellationToken cancellation)
    {
        var tag = $"sha256-{image.Hex}";
        var (index, problem) = await _reader.ReadAsync(
            async () => (await registry.FindTagAsync(repository, tag, cancellation).ConfigureAwait(false))?.Bytes).ConfigureAwait(false);
        return (tag, index, problem);
    }

    private async IAsyncEnumerable<FoundSignature> OfReferrerAsync(string where, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (!Digest.TryParse(where, out var digest) || !_opened.Add(digest) || !_reader.MayOpen())
        {
            yield break;
        }

        var (manifest, problem) = await _reader.ReadAsync(() => registry.FindManifestAsync(repository, digest, cancellation)).ConfigureAwait(false);
        if (problem is not null)
        {
            yield return new FoundSignature(where, null, problem);
        }

        // What refers to another image is that image's business. An index is not followed: no tool puts signatures into one.
        if (manifest is null || manifest.Subject != image)
        {
            yield break;
        }

        var all = IsNotation ? EnvelopeAsync(where, manifest, cancellation) : LayersAsync(where, manifest, cancellation);
        await foreach (var found in all.ConfigureAwait(false))
        {
            yield return found;
        }
    }

    /// <summary>Of a manifest that is a signature of the Notary Project: its one layer (signature-specification.md, "OCI Signatures").</summary>
    private async IAsyncEnumerable<FoundSignature> EnvelopeAsync(
        string where, OciManifest manifest, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (manifest.ArtifactType != NotationArtifact || _reader.IsExhausted || !_reader.MayLook())
        {
            yield break;
        }

        if (manifest.Layers is not [{ MediaType: JwsLayer or CoseLayer } layer])
        {
            yield return new FoundSignature(where, null, "does not have exactly one layer with an envelope in JWS or COSE");
            yield break;
        }

        var (bytes, problem) = await _reader.BlobAsync(layer.Digest, NotationVerifier.MaxEnvelopeBytes, cancellation).ConfigureAwait(false);
        var target = bytes is null ? null : await TargetAsync(cancellation).ConfigureAwait(false);
        yield return (bytes, target) switch
        {
            (null, _) => new FoundSignature(where, null, problem),
            (_, null) => new FoundSignature(where, null, "is about a manifest that cannot be had from the registry"),
            _ => new FoundSignature(where, new PlacedNotationSignature(new NotationSignature(FormatOf(layer), bytes), target, repository)),
        };
    }

    private static NotationFormat FormatOf(OciDescriptor layer) => layer.MediaType == JwsLayer ? NotationFormat.Jws : NotationFormat.Cose;

    /// <summary>What the registry has as the image, once for a search: signatures name its size and media type too.</summary>
    private async Task<NotationTarget?> TargetAsync(CancellationToken cancellation)
    {
        if (_target is null)
        {
            var size = 0;
            var (manifest, _) = await _reader.ReadAsync(async () =>
            {
                var bytes = await registry.FindManifestAsync(repository, image, cancellation).ConfigureAwait(false);
                size = bytes?.Length ?? 0;
                return bytes;
            }).ConfigureAwait(false);
            _target = manifest is null ? null : new NotationTarget(image, manifest.MediaType, size);
        }

        return _target;
    }

    private async IAsyncEnumerable<FoundSignature> LayersAsync(
        string where, OciManifest? manifest, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var layer in manifest?.Layers ?? [])
        {
            var isBundle = layer.MediaType == BundleType && manifest!.ArtifactType == BundleType;
            if (!isBundle && layer.MediaType != SimpleSigningLayer)
            {
                continue;
            }

            if (_reader.IsExhausted || !_reader.MayLook())
            {
                yield break;
            }

            yield return isBundle
                ? await BundleAsync(where, layer, cancellation).ConfigureAwait(false)
                : await SimpleAsync(where, layer, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<FoundSignature> BundleAsync(string where, OciDescriptor layer, CancellationToken cancellation)
    {
        var (bytes, problem) = await _reader.BlobAsync(layer.Digest, CosignVerifier.MaxBundleBytes, cancellation).ConfigureAwait(false);
        return new FoundSignature(where, bytes is null ? null : new BundleSignature(bytes), problem);
    }

    private async Task<FoundSignature> SimpleAsync(string where, OciDescriptor layer, CancellationToken cancellation)
    {
        if (!layer.Annotations.TryGetValue(SignatureAnnotation, out var signature))
        {
            return new FoundSignature(where, null, "has a layer without a signature");
        }

        var (bytes, problem) = await _reader.BlobAsync(layer.Digest, CosignVerifier.MaxPayloadBytes, cancellation).ConfigureAwait(false);
        return new FoundSignature(where, bytes is null ? null : new SimpleSigningSignature(bytes, signature, CertificateOf(layer)), problem);
    }

    private static CertificateAnnotations? CertificateOf(OciDescriptor layer) => layer.Annotations.TryGetValue(CertificateAnnotation, out var certificate)
        ? new CertificateAnnotations(certificate, layer.Annotations.GetValueOrDefault(LogEntryAnnotation), layer.Annotations.GetValueOrDefault(TimestampAnnotation))
        : null;
}
