using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Decisions;

/// <summary>
/// Every sentence about an image that a user can meet, in one place. Rules (decisions.md, "Messages"): one line, lower-case
/// start, no final period, the image in full, the reason, then after <c>; </c> the next step.
/// Images from <see cref="ImageReference"/> are plain ASCII by grammar; other untrusted text goes through <see cref="UntrustedText.Escape"/>.
/// </summary>
internal static class Messages
{
    public static string NotPinned(RepositoryName repository) =>
        $"no root key is pinned for {repository}; add it to trust-pinning.root-keys in daemon.json";

    public static string TagNotSigned(NamedReference image, IReadOnlyList<string> otherRoles) => otherRoles.Count == 0
        ? $"{Tagged(image)} is not signed: its trust data has no tag {image.EffectiveTag}; sign it with docker trust sign {Tagged(image)}"
        : $"{Tagged(image)} is not signed for use: its trust data has the tag only in {string.Join(", ", otherRoles)}; "
            + $"sign it into targets or targets/releases with docker trust sign {Tagged(image)}";

    public static string DigestNotSigned(RepositoryName repository, Digest digest) =>
        $"{repository}@{digest} is not signed: no present tag of {repository} is signed with this digest; "
        + "use a signed tag, or keep a signed tag for every release that is to stay usable";

    public static string DigestMismatch(NamedReference image, Digest signed) =>
        $"{image} asks for another digest than the signed one: {image.EffectiveTag} is signed as {signed}; "
        + $"use {image.Repository}:{image.EffectiveTag}@{signed}";

    public static string TagMoved(NamedReference image, Digest signed, Digest served) =>
        $"{Tagged(image)} is signed as {signed} but the registry now serves {served}; "
        + $"run docker pull {image.Repository}@{signed} && docker tag {image.Repository}@{signed} {Tagged(image)}, or sign the new image";

    public static string NotInRegistry(NamedReference image) =>
        $"{image} is signed but the registry has no such image; push it again or check the name";

    public static string LocalDiffers(string image, Digest signed, Digest local, NamedReference pull) =>
        $"{image} is signed as {signed} but the local image is {local}; run docker pull {pull}";

    public static string LocalUnknown(string image, NamedReference pull) =>
        $"{image} cannot be shown to be the signed image (it was built, loaded or imported here); run docker pull {pull}";

    public static string IdUnknown(string image) =>
        $"{image} cannot be shown to be a signed image: no repository that it belongs to is pinned and signs its content; "
        + "pull a signed image by its name and use that";

    public static string NoSuchImageId(string image) =>
        $"{image} is an image id that is not on this host; pull the image by its name";

    public static string NoSuchContainer(string container) =>
        $"no such container: {UntrustedText.Escape(container)}; list containers with docker ps -a";

    public static string ContainerHasNoImage(string container) =>
        $"container {UntrustedText.Escape(container)} was made without an image, so nothing shows what it runs; create it from a signed image";

    public static string ContainerRefused(string container, string imageMessage) =>
        $"container {UntrustedText.Escape(container)} may not run: {imageMessage}";

    public static string MountsNotShown(string container) =>
        $"container {UntrustedText.Escape(container)} has image mounts and was not decided when it was created; create it again";

    public static string MountByTag(string image) =>
        $"image mount {image} is named by a tag, which could move unseen; name it by digest or full image id";

    public static string Swapped(string image, Digest signed) =>
        $"{image} was decided as {signed}, but the engine made the container from another image (its tag was moved meanwhile); "
        + "the container was removed, try again";

    public static string RenamedUnderStart(string container) =>
        $"{UntrustedText.Escape(container)} meant another container when it was decided; what started instead was stopped, "
        + "start the container by its full id";

    public static string ApprovalsFull(int limit) =>
        $"the store of approved containers is full ({limit}); remove containers that are not needed";

    public static string Unreadable() =>
        "the engine's question was empty or unreadable, as after a broken connection to the plugin; try the command again";

    public static string TimedOut(string image, TimeSpan budget) =>
        $"{(image.Length == 0 ? "the request" : image)} could not be decided within {budget.TotalSeconds:0.#} s; try again, or see content-trust status";

    public static string Internal(string image) =>
        $"{(image.Length == 0 ? "the request" : image)} could not be decided because of a fault in content-trust; see its log";

    public static string AuditFailed() =>
        "the audit record could not be written, so the request is refused; see the content-trust log";

    private static string Tagged(NamedReference image) => $"{image.Repository}:{image.EffectiveTag}";
}
