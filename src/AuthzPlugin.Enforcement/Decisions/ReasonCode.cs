namespace AuthzPlugin.Enforcement.Decisions;

/// <summary>
/// Why a decision ended as it did. The name in kebab-case is the <c>reason</c> of audit records (see <see cref="ReasonCodes"/>):
/// it is an interface, so names are never reused for another meaning.
/// </summary>
public enum ReasonCode
{
    // Trusted
    /// <summary>A pinned key signed the content.</summary>
    Signed,

    /// <summary>The container was decided trusted when it was created, and nothing has withdrawn that.</summary>
    Approved,

    /// <summary>The gate saw the image built here from signed images only, and all of these are still trusted.</summary>
    LocalBuild,

    /// <summary>The request starts no image, and the policy allows requests of its kind.</summary>
    AllowedByPolicy,

    // Excepted
    /// <summary>It is not trusted, and an exception of the policy lets it pass for a time.</summary>
    Excepted,

    // Refused: the reference
    /// <summary>The image reference is empty or malformed.</summary>
    BadReference,

    /// <summary>Every tag of a repository was asked for at once.</summary>
    AllTags,

    // Refused: policy
    /// <summary>No pin covers the repository.</summary>
    NotPinned,

    /// <summary>Every kind of signature that the policy accepts for the repository has come to its end (<c>accept-until</c>).</summary>
    NoLongerAccepted,

    /// <summary>The policy file is invalid, so everything but reads is refused.</summary>
    PolicyInvalid,

    /// <summary>The policy refuses this kind of request (builds, swarm, plugins …).</summary>
    RefusedByPolicy,

    /// <summary>A field of the request would give access to the host.</summary>
    HostAccess,

    // Refused: trust data
    /// <summary>The trust data has no such tag, or no tag with this digest, in a role that counts.</summary>
    NotSigned,

    /// <summary>The trust server says that it has no data for the repository, or for one we know: no longer.</summary>
    NoTrustData,

    /// <summary>Digest of the reference differs from the signed one.</summary>
    DigestMismatch,

    /// <summary>The root is not signed by a pinned key.</summary>
    WrongRootKey,

    /// <summary>A root certificate is unusable.</summary>
    RootCertificate,

    /// <summary>A new root is not signed by the one before.</summary>
    RootRotation,

    /// <summary>Trust data expired.</summary>
    Expired,

    /// <summary>Trust data is older than what was verified before.</summary>
    RolledBack,

    /// <summary>Too few valid signatures.</summary>
    BadSignature,

    /// <summary>Trust data does not match the hashes that its parents signed.</summary>
    Inconsistent,

    /// <summary>Trust data is not well formed or exceeds a limit.</summary>
    Malformed,

    // Refused: the engine's content
    /// <summary>The local image's content is not the signed one.</summary>
    LocalImageDiffers,

    /// <summary>Nothing shows which content the local image has.</summary>
    LocalImageUnknown,

    /// <summary>On this engine's image store a tag can move while a container is made, unseen: a digest must be named.</summary>
    TagUnsafeHere,

    /// <summary>The registry serves another digest for the tag than the signed one.</summary>
    TagMoved,

    /// <summary>The registry has no such tag.</summary>
    NotInRegistry,

    /// <summary>The engine created the container from other content than was decided.</summary>
    Swapped,

    /// <summary>A container was renamed under a start.</summary>
    RenamedUnderStart,

    /// <summary>The store of approvals is full.</summary>
    ApprovalStoreFull,

    // Refused: the request itself
    /// <summary>This version does not know the endpoint.</summary>
    UnknownEndpoint,

    /// <summary>The request cannot be seen completely, or the engine might read it differently.</summary>
    HiddenOrAmbiguous,

    /// <summary>The message from the engine was empty or unreadable.</summary>
    UnreadableMessage,

    // Undecided
    /// <summary>The trust server could not be reached and no usable data is cached.</summary>
    TrustServerUnreachable,

    /// <summary>The trust server or registry wants a login that the plugin does not have.</summary>
    LoginNeeded,

    /// <summary>The engine could not be asked.</summary>
    EngineUnreachable,

    /// <summary>The engine's answers contradict each other or cannot be understood.</summary>
    EngineUnclear,

    /// <summary>The registry could not be asked, or nobody who knows whether a signing certificate was revoked.</summary>
    RegistryUnreachable,

    /// <summary>The time budget of a decision ran out.</summary>
    TimedOut,

    /// <summary>A fault in this program.</summary>
    InternalError,
}

/// <summary>Names of reason codes outside this program.</summary>
public static class ReasonCodes
{
    /// <summary><c>NotPinned</c> → <c>not-pinned</c>.</summary>
    public static string ToText(this ReasonCode code) => ToKebabCase(code.ToString());

    internal static string ToKebabCase(string name) =>
        string.Concat(name.Select((c, i) => char.IsAsciiLetterUpper(c) ? (i == 0 ? "" : "-") + char.ToLowerInvariant(c) : c.ToString()));
}
