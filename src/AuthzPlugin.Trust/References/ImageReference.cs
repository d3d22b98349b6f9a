using System.Diagnostics.CodeAnalysis;

namespace AuthzPlugin.Trust.References;

/// <summary>
/// What a user wrote for an image, read as the engine reads it (<c>distribution/reference</c>, ParseAnyReference):
/// either a <see cref="NamedReference"/> or an <see cref="ImageIdReference"/>.
/// </summary>
public abstract record ImageReference
{
    private protected ImageReference()
    {
    }

    /// <summary>
    /// Reads the text. On failure <paramref name="problem"/> is half a sentence for a person ("has an upper-case letter in …").
    /// </summary>
    public static bool TryParse(
        string? text,
        [NotNullWhen(true)] out ImageReference? reference,
        [NotNullWhen(false)] out string? problem) =>
        ImageReferenceParser.TryParse(text, out reference, out problem);
}

/// <summary>A repository with an optional tag and an optional digest. With neither, the engine means the tag <c>latest</c>.</summary>
public sealed record NamedReference : ImageReference
{
    internal NamedReference(RepositoryName repository, string? tag, Digest? digest, bool mayBeShortId)
    {
        Repository = repository;
        Tag = tag;
        Digest = digest;
        MayBeShortId = mayBeShortId;
    }

    public RepositoryName Repository { get; }

    /// <summary>The tag as written; null when none was.</summary>
    public string? Tag { get; }

    /// <summary>The digest as written; it decides when a tag stands beside it.</summary>
    public Digest? Digest { get; }

    /// <summary>
    /// The text was 1–63 hex digits alone. The engine tries a tag of that spelling first, then an image id with that prefix.
    /// </summary>
    public bool MayBeShortId { get; }

    /// <summary>The tag that the engine would use: the written one, or <c>latest</c>.</summary>
    public string EffectiveTag => Tag ?? "latest";

    /// <summary>The same repository under a tag (a valid one; see <see cref="ImageReferenceParser.IsTag"/>).</summary>
    public NamedReference WithTag(string tag) =>
        ImageReferenceParser.IsTag(tag)
            ? new NamedReference(Repository, tag, null, false)
            : throw new ArgumentException("not a tag", nameof(tag));

    /// <summary>The same repository by digest alone.</summary>
    public NamedReference WithDigest(Digest digest) => new(Repository, null, digest, false);

    public override string ToString() =>
        Repository.Name + (Tag is null ? "" : ":" + Tag) + (Digest is null ? "" : "@" + Digest);
}

/// <summary>A full image id: 64 hex digits, with or without <c>sha256:</c>.</summary>
public sealed record ImageIdReference : ImageReference
{
    internal ImageIdReference(Digest id) => Id = id;

    public Digest Id { get; }

    public override string ToString() => Id.ToString();
}
