using AuthzPlugin.Enforcement.Approvals;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Decisions;

/// <summary>Which content the engine holds under an image id, as far as it can be shown (decisions.md, "Words").</summary>
internal sealed class LocalDigests(VerifiedImages verified)
{
    /// <summary>The digests that may be compared with signed ones of this repository; in ordinal order, without repeats.</summary>
    public IReadOnlyList<Digest> Of(EngineImage image, RepositoryName repository) =>
        image.Store == ImageStoreKind.Containerd
            // RepoDigests count for nothing here: docker load forges them (done, on 28.5.2).
            ? [image.Id]
            : [.. FromRepoDigests(image, repository)
                .Concat(verified.DigestsOf(image.Id, repository))
                .Distinct()
                .OrderBy(d => d.Hex, StringComparer.Ordinal)];

    /// <summary>
    /// Every digest that stands for the content under this image id, whatever the repository: the id itself, and with the classic store
    /// those of manifests that the engine pulled or pushed it by.
    /// </summary>
    public IReadOnlyList<Digest> OfAny(EngineImage image) => image.Store == ImageStoreKind.Containerd
        ? [image.Id]
        : [.. image.RepoDigests
            .Select(text => ImageReferenceParser.TryParseNamed(text, out var reference, out _) ? reference.Digest : null)
            .OfType<Digest>()
            .Concat(verified.RepositoriesOf(image.Id).SelectMany(repository => verified.DigestsOf(image.Id, repository)))
            .OrderBy(d => d.Hex, StringComparer.Ordinal)
            .Prepend(image.Id)
            .Distinct()];

    private static IEnumerable<Digest> FromRepoDigests(EngineImage image, RepositoryName repository)
    {
        foreach (var text in image.RepoDigests)
        {
            if (ImageReferenceParser.TryParseNamed(text, out var reference, out _)
                && reference.Repository == repository
                && reference.Digest is not null)
            {
                yield return reference.Digest;
            }
        }
    }
}
