using AuthzPlugin.Enforcement.Decisions;

namespace AuthzPlugin.Gate.BuildKit.Policies;

/// <summary>An image that a build may read: a decided reference and the digest that is signed for it.</summary>
/// <param name="Repository">Normalised full name.</param>
/// <param name="Tag">Null when the reference had only a digest.</param>
/// <param name="Digest"><c>sha256:…</c> of the manifest or index that the publisher signed.</param>
internal sealed record PinnedImage(string Repository, string? Tag, string Digest)
{
    /// <summary>What sources of images begin with.</summary>
    public const string Scheme = "docker-image://";

    /// <param name="decision">A trusted one.</param>
    public static PinnedImage Of(Decision decision) => new(decision.Repository!, decision.Tag, decision.SignedDigest!.ToString());

    /// <summary>How BuildKit's frontends name the source before a digest is known; null when it was known.</summary>
    public string? ByTag => Tag is null ? null : $"{Scheme}{Repository}:{Tag}";

    /// <summary>The source that is put in its place.</summary>
    public string Pinned => Tag is null ? ByDigest : $"{Scheme}{Repository}:{Tag}@{Digest}";

    /// <summary>The same content without a tag.</summary>
    public string ByDigest => $"{Scheme}{Repository}@{Digest}";
}
