using AuthzPlugin.Enforcement.Approvals;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.Signatures;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Decisions;

/// <summary>
/// Shows which content an image of the classic store has when the engine does not: its id is the digest of its configuration, which pins
/// every layer, and a manifest names its configuration. So a loaded, retagged or buildx-pushed copy of a signed image is recognised by the
/// signed manifest in the registry. What was shown once is remembered and needs no registry again.
/// </summary>
internal sealed class ConfigProof(ISignatureSource signatures, VerifiedImages verified)
{
    /// <summary>Most tags of an image that say where to look.</summary>
    private const int MaxTags = 4;

    private const string What = "registry-manifest";

    /// <summary>Whether the image has the content of the signed manifest or index; the trail says how that was found.</summary>
    public Task<bool> ShowsAsync(EngineImage image, RepositoryName repository, Digest signed, Trail trail, CancellationToken cancellation) =>
        ShowsAsync(image, repository, $"{repository}@{signed}", () => signatures.NamesConfigAsync(repository, signed, image.Id, cancellation), trail);

    /// <summary>The same of what the registry has for a tag now, which nobody has said yet to be signed.</summary>
    public Task<bool> ShowsAsync(EngineImage image, RepositoryName repository, string tag, Trail trail, CancellationToken cancellation) =>
        ShowsAsync(image, repository, $"{repository}:{tag}", () => signatures.NamesConfigAsync(repository, tag, image.Id, cancellation), trail);

    /// <summary>Under which tags of the repository the engine has the image: they say where to look, and prove nothing.</summary>
    public static IEnumerable<string> TagsOf(EngineImage image, RepositoryName repository) => image.RepoTags
        .Order(StringComparer.Ordinal)
        .Select(text => ImageReferenceParser.TryParseNamed(text, out var named, out _) && named.Repository == repository ? named.Tag : null)
        .OfType<string>()
        .Take(MaxTags);

    private async Task<bool> ShowsAsync(EngineImage image, RepositoryName repository, string where, Func<Task<ConfigAnswer>> ask, Trail trail)
    {
        if (image.Store != ImageStoreKind.Classic)
        {
            // Its id is the digest itself: there is nothing to show.
            return false;
        }

        try
        {
            var answer = await ask().ConfigureAwait(false);
            var source = answer.FromCache ? " (it was asked seconds ago)" : "";
            if (answer.Manifest is not { } manifest)
            {
                trail.Failed(What, $"the registry has no {where}{source}");
            }
            else if (answer.NamesConfig)
            {
                trail.Passed(What, $"{manifest} names {image.Id} as its configuration");
                verified.Remember(image, repository, manifest);
                return true;
            }
            else
            {
                trail.Failed(What, $"{manifest} does not name {image.Id} as its configuration{source}");
            }
        }
        catch (TrustException e)
        {
            // Whether it is the registry's fault or the data's: nothing was shown, and the caller refuses for that.
            trail.Unknown(What, UntrustedText.Escape(e.Message));
        }

        return false;
    }
}
