using System.Collections.Concurrent;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Trust.References;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.Approvals;

/// <summary>
/// Our own record <i>config id → digest</i> for the classic store: once an image was seen with a digest that the engine itself
/// had verified, its config id stands for that content for ever, so that <c>docker rmi name@digest</c>, retags and save/load of
/// signed images do no harm. It says which content an id has, not that the content is (still) signed.
/// </summary>
public sealed class VerifiedImages
{
    private const int MaxDigestsPerImage = 16;

    private readonly ConcurrentDictionary<Digest, Known> _images = new();
    private readonly StateFolder<VerifiedImage> _folder;
    private readonly ILogger<VerifiedImages> _logger;
    private readonly int _limit;
    private readonly Lock _writing = new();

    /// <param name="stateDirectory">The records live in its sub-folder <c>images</c>.</param>
    /// <param name="limit">Most images remembered; beyond it none is added.</param>
    public VerifiedImages(string stateDirectory, int limit, ILogger<VerifiedImages> logger)
    {
        _logger = logger;
        _limit = limit;
        _folder = new StateFolder<VerifiedImage>(Path.Combine(stateDirectory, "images"), StateJson.Default.VerifiedImage, logger);
        foreach (var (key, image) in _folder.Load())
        {
            if (Digest.TryParse(image.ImageId, out var id) && id.Hex == key)
            {
                _images[id] = Known.Of(image);
            }
        }
    }

    /// <summary>Digests that this image is known to have in the repository.</summary>
    public IEnumerable<Digest> DigestsOf(Digest imageId, RepositoryName repository) =>
        Named(imageId).Where(n => n.Repository == repository).Select(n => n.Digest!);

    /// <summary>Repositories that this image is known to have been verified in.</summary>
    public IEnumerable<RepositoryName> RepositoriesOf(Digest imageId) => Named(imageId).Select(n => n.Repository);

    /// <summary>Remembers what the engine shows. A record that cannot be written costs convenience later, not safety now.</summary>
    public void Remember(EngineImage image, RepositoryName repository, Digest digest)
    {
        if (image.Store != ImageStoreKind.Classic || DigestsOf(image.Id, repository).Contains(digest))
        {
            return;
        }

        lock (_writing)
        {
            var known = _images.GetValueOrDefault(image.Id)?.Record.Digests ?? [];
            if (_images.Count >= _limit && known.Count == 0)
            {
                return;
            }

            var record = new VerifiedImage
            {
                ImageId = image.Id.ToString(),
                Digests = [.. known.TakeLast(MaxDigestsPerImage - 1), $"{repository}@{digest}"],
            };
            try
            {
                _folder.Write(image.Id.Hex, record);
                _images[image.Id] = Known.Of(record);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Log.VerifiedImageNotWritten(_logger, record.ImageId, e.Message);
            }
        }
    }

    private IReadOnlyList<NamedReference> Named(Digest imageId) => _images.GetValueOrDefault(imageId)?.Names ?? [];

    /// <summary>A record, and what it names, parsed once and not at every decision.</summary>
    private sealed record Known(VerifiedImage Record, IReadOnlyList<NamedReference> Names)
    {
        public static Known Of(VerifiedImage record) => new(
            record,
            [.. record.Digests
                .Select(text => ImageReferenceParser.TryParseNamed(text, out var named, out _) ? named : null)
                .OfType<NamedReference>()
                .Where(named => named.Digest is not null)]);
    }
}
