using System.Text.Json.Serialization;

namespace AuthzPlugin.Enforcement.Approvals;

/// <summary>
/// The memory that a container was decided trusted when it was created. Never written for anything but outcome trusted.
/// </summary>
public sealed record Approval
{
    /// <summary>Full id of the container.</summary>
    public required string ContainerId { get; init; }

    /// <summary>The immutable image id it was made from.</summary>
    public required string ImageId { get; init; }

    public required string SignedDigest { get; init; }

    public required string Repository { get; init; }

    /// <summary>The tag that was signed, or that was asked for; empty when only a digest was.</summary>
    public required string Tag { get; init; }

    /// <summary>Empty when Notary v1 did not speak for it.</summary>
    public required string Role { get; init; }

    /// <summary>What spoke for it under an entry of <c>signature-policies</c>; null or empty: Notary v1 alone.</summary>
    public IReadOnlyList<Evidence>? Evidence { get; init; }

    /// <summary>Ids of the keys that signed that role's metadata.</summary>
    public required IReadOnlyList<string> SignerKeyIds { get; init; }

    /// <summary>Canonical ids of the pinned root keys behind the signature.</summary>
    public required IReadOnlyList<string> RootKeyIds { get; init; }

    /// <summary>Certificate ids of the same keys.</summary>
    public required IReadOnlyList<string> RootCertificateIds { get; init; }

    /// <summary>The images of its image mounts, each decided like the image itself.</summary>
    public required IReadOnlyList<string> ImageMounts { get; init; }

    /// <summary>The engine the container belongs to.</summary>
    public required string EngineId { get; init; }

    public required DateTimeOffset ApprovedAt { get; init; }
}

/// <summary>That an image id was seen with a digest that the engine had verified when it pulled or pushed it (classic store).</summary>
public sealed record VerifiedImage
{
    /// <summary>The config digest.</summary>
    public required string ImageId { get; init; }

    /// <summary><c>repository@sha256:…</c>, at most 16, oldest first.</summary>
    public required IReadOnlyList<string> Digests { get; init; }
}

[JsonSourceGenerationOptions(MaxDepth = 8, UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip)]
[JsonSerializable(typeof(Approval))]
[JsonSerializable(typeof(VerifiedImage))]
internal sealed partial class StateJson : JsonSerializerContext;
