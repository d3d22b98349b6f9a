using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Enforcement.Signatures;
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
    private const string WhilePermissive = "an administrator can do it while the mode is permissive, or allow it in the policy";

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

    public static string NoSuchTag(RepositoryName repository, string tag) =>
        $"{repository}:{tag} is not in its registry; push it, or check the name";

    public static string BadManifest(RepositoryName repository, string tag, string problem) =>
        $"{repository}:{tag} cannot be decided by what its registry sends: {problem}; ask whoever runs the registry";

    public static string NoSignature(string image, SignatureDemand demand, RepositoryName repository, Digest digest) =>
        $"{image} is not signed: its registry has no {demand.Kind.ToText()} signature of {repository}@{digest}; "
        + $"sign it with {demand.HowToSign(repository, digest)}";

    public static string TooFewSignatures(
        string image, SignatureDemand demand, RepositoryName repository, Digest digest, string counted, SignatureEvidence found) =>
        $"{image} is not signed by enough of those that the policy names ({counted}; {found.Lines.FirstOrDefault(l => !l.IsValid)?.Text ?? "no other signature"}); "
        + $"sign it so that it counts: {demand.HowToSign(repository, digest)}";

    public static string NoLongerAccepted(string image, string pattern, string kinds) =>
        $"{image} has no signature that counts any more: accept-until has ended {kinds} for {pattern}; "
        + "an administrator can name another kind in signature-policies, or a later date";

    public static string LocalIsNot(string image, Digest wanted, Digest local, NamedReference pull) =>
        $"{image} asks for {wanted} but the local image is {local}; run docker pull {pull}";

    /// <summary>A message with something added before its next step.</summary>
    public static string With(string message, string addition)
    {
        var step = message.LastIndexOf("; ", StringComparison.Ordinal);
        return step < 0 ? $"{message}, {addition}" : $"{message[..step]}, {addition}{message[step..]}";
    }

    public static string LocalDiffers(string image, Digest signed, Digest local, NamedReference pull) =>
        $"{image} is signed as {signed} but the local image is {local}; run docker pull {pull}";

    public static string LocalUnknown(string image, NamedReference pull) =>
        $"{image} cannot be shown to be the signed image (it was built, loaded or imported here); run docker pull {pull}";

    public static string TagUnsafeHere(string image, NamedReference named, Digest signed) =>
        $"{image} is named by a tag, which this engine's containerd image store resolves more than once, so that it could move unseen; "
        + $"use {named.Repository}:{named.EffectiveTag}@{signed}, or upgrade the engine to 28 or later";

    public static string ShortIdUnsafeHere(string image, Digest id) =>
        $"{image} is a short image id, which this engine's containerd image store resolves more than once, so that a tag of this name could come between; "
        + $"use {id}, or upgrade the engine to 28 or later";

    public static string IdUnknown(string image) =>
        $"{image} cannot be shown to be a signed image: no repository that it belongs to is pinned and signs its content; "
        + "pull a signed image by its name and use that";

    public static string LocalBuild(string image) => $"{image} was built here from signed images only";

    public static string LocalBuildRefused(string image, string baseImage, string reason) =>
        $"{image} was built here from {baseImage}, which is not trusted now: {(reason.Split("; ")[0])}; build it again from a signed image";

    public static string LocalBuildByTag(string image, Digest id) =>
        $"{image} was built here and is named by a tag, which this engine's containerd image store resolves more than once, so that it could "
        + $"move unseen; use {id}, or upgrade the engine to 28 or later";

    public static string LocalBuildAndMounts(string image) =>
        $"{image} was built here, and images of local builds neither have image mounts nor are mounted; push it, sign it and pull it";

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

    public static string BuildsRefused() =>
        "builds are refused here: the engine does not show a plugin the images that a build runs; "
        + "build on another host, sign and push the image, and pull it here";

    public static string BuildsOnlyThroughGate() =>
        "builds are allowed through the content-trust gate only, which sees the images that they begin from; "
        + "build over the gate's socket, which an administrator opens with content-trust gate enable";

    public static string PluginsRefused() =>
        "installing or changing managed plugins is refused here: a plugin runs unsigned image content as root; " + WhilePermissive;

    public static string SwarmRefused() =>
        "joining or changing a swarm is refused here: its managers start unsigned images on this host without asking; " + WhilePermissive;

    public static string SwarmSecretsRefused() =>
        "the swarm's join tokens and unlock key are not shown: with them other hosts join, and managers start unsigned images here; "
        + WhilePermissive;

    public static string ImportsRefused() =>
        "loading, importing and committing images is refused here: nothing shows whether their content is signed; pull a signed image";

    public static string ContainerChangesRefused(string container) =>
        $"files would be put into container {UntrustedText.Escape(container)}, which never ran: it would start with content that nobody signed; "
        + "put them into the image, or mount a volume";

    public static string OwnPlugin(string plugin) =>
        $"plugin {UntrustedText.Escape(plugin)} has this plugin's name, and it is not stopped, replaced or shadowed through the API; "
        + "an administrator can remove it from authorization-plugins in daemon.json";

    public static string NoSuchPlugin(string plugin) =>
        $"no such plugin: {UntrustedText.Escape(plugin)}; list plugins with docker plugin ls";

    public static string PluginWithoutDigest(string plugin) =>
        $"plugin {UntrustedText.Escape(plugin)} is not named by a digest, and managed plugins must be: a tag could move; "
        + "install it as NAME@sha256:DIGEST with the signed digest";

    public static string ServiceImageWithoutDigest(string image) =>
        $"{image} has no digest, and service images must be pinned by digest: workers pull them unseen; name the image as NAME:TAG@sha256:DIGEST";

    public static string NoSuchService(string service) =>
        $"no such service: {UntrustedText.Escape(service)}; list services with docker service ls";

    public static string NoPreviousService(string service) =>
        $"service {UntrustedText.Escape(service)} has no previous specification that could be read; update it with the specification that is meant";

    public static string ServiceChanged(string service) =>
        $"service {UntrustedText.Escape(service)} has another version than the request; try again";

    public static string ServicePresentRefused(string service, string reason) =>
        $"service {UntrustedText.Escape(service)} would fall back to what it runs now when the update fails, and that may not run: {reason}";

    /// <param name="subject">The image, container or volume, escaped.</param>
    /// <param name="field">The offending field and what is in it, escaped.</param>
    /// <param name="repository">The repository that <c>host-access-for</c> could name; null when none can.</param>
    public static string HostAccess(string subject, string field, string? repository) =>
        $"{subject} would give access to the host: {field}; "
        + (repository is null ? "leave it out, or see host-access in the policy" : $"leave it out, or name {repository} in host-access-for of the policy");

    /// <summary>What an exception lets pass.</summary>
    public static string Excepted(string image, ExceptionRule exception) =>
        $"{image} is not trusted, but excepted until {exception.End} because {exception.Reason}; have it signed before";

    public static string ExceptedWithMounts(string image) =>
        $"{image} or what is mounted in it is allowed by an exception only, and a container with image mounts starts only with an approval, "
        + "which an exception never gives; leave the mounts out, or have the images signed";

    /// <param name="decided">The content or name that was decided.</param>
    public static string Swapped(string image, string decided) =>
        $"{image} was decided as {decided}, but the engine made the container from another image (its tag was moved meanwhile); "
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
