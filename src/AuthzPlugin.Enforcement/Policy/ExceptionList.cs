using System.Collections.Frozen;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Policy;

/// <summary>
/// The exceptions of a policy. Whether one is in force is a question of the moment, not of the load: an expired one stands here and is
/// never found. Immutable.
/// </summary>
public sealed class ExceptionList
{
    public static readonly ExceptionList Empty = new([]);

    private readonly FrozenDictionary<Digest, ExceptionRule> _byDigest;
    private readonly (RepositoryList Covered, ExceptionRule Exception)[] _byImage;
    private readonly DateTimeOffset? _at;

    /// <param name="all">No digest twice.</param>
    public ExceptionList(IReadOnlyList<ExceptionRule> all)
        : this(all, null)
    {
    }

    private ExceptionList(IReadOnlyList<ExceptionRule> all, DateTimeOffset? at)
    {
        All = all;
        _at = at;
        _byDigest = all.Where(e => e.Digest is not null).ToFrozenDictionary(e => e.Digest!);
        _byImage = [.. all.Where(e => e.Image is not null).Select(e => (new RepositoryList([e.Image!]), e))];
    }

    /// <summary>In the order of the file, the expired ones too.</summary>
    public IReadOnlyList<ExceptionRule> All { get; }

    /// <summary>The same, judged as of that time whatever the clock says (<c>verify --at</c>).</summary>
    public ExceptionList AsOf(DateTimeOffset at) => new(All, at);

    /// <summary>Null: none for this content is in force.</summary>
    public ExceptionRule? Find(Digest digest, DateTimeOffset now) =>
        _byDigest.GetValueOrDefault(digest) is { } found && IsInForce(found, now) ? found : null;

    /// <summary>A pattern that covers the repository; null: none is in force.</summary>
    public ExceptionRule? Find(RepositoryName repository, DateTimeOffset now) =>
        Array.Find(_byImage, one => IsInForce(one.Exception, now) && one.Covered.Covers(repository)).Exception;

    /// <summary>Whether asking for the content of something can lead to an exception.</summary>
    public bool HasDigests(DateTimeOffset now) => _byDigest.Values.Any(e => IsInForce(e, now));

    private bool IsInForce(ExceptionRule exception, DateTimeOffset now) => exception.IsInForce(_at ?? now);
}
