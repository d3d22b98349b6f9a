namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>A tiny image whose command prints a text of its own.</summary>
/// <param name="Id">The engine's image id, <c>sha256:...</c>.</param>
/// <param name="Digest">The manifest digest in the registry; empty when it was not pushed.</param>
public sealed record LabImage(string Repository, string Tag, string Id, string Digest, string Text)
{
    public string Reference => $"{Repository}:{Tag}";

    public string ByDigest => $"{Repository}@{Digest}";

    /// <summary>Where cosign 2 puts signatures.</summary>
    public string SignatureTag => ReferrersTag + ".sig";

    /// <summary>What lists the rest where the registry has no list of its own.</summary>
    public string ReferrersTag => $"sha256-{Digest["sha256:".Length..]}";
}

/// <summary>Making images. All of it goes through the plugin: import, tag and push are allowed.</summary>
public static class LabImages
{
    /// <summary>On the engine only.</summary>
    public static async Task<LabImage> LocalAsync(this LabFixture lab, string repository, string tag, string? text = null)
    {
        var name = repository.Contains('/', StringComparison.Ordinal) ? repository : $"{lab.Registry}/lab/{repository}";
        var said = text ?? $"{repository} {tag} of {Guid.NewGuid():N}";
        var id = await lab.LabAsync("image", $"{name}:{tag}", said);
        return new LabImage(name, tag, id, "", said);
    }

    /// <summary>Pushed, not signed; the local copy stays.</summary>
    public static async Task<LabImage> UnsignedAsync(this LabFixture lab, string repository, string tag, string? text = null)
    {
        var image = await lab.LocalAsync(repository, tag, text);
        return image with { Digest = await lab.LabAsync("push", image.Reference) };
    }

    /// <summary>Pushed and signed with the docker command line tool; the local copy stays.</summary>
    /// <param name="signer">Null: the owner.</param>
    public static async Task<LabImage> SignedAsync(this LabFixture lab, string repository, string tag, string? text = null, string? signer = null)
    {
        var image = await lab.LocalAsync(repository, tag, text);
        return image with { Digest = await lab.LabAsync("sign", signer is null ? [image.Reference] : [image.Reference, signer]) };
    }

    /// <summary>Takes the local copy away, so that only a pull brings it back.</summary>
    public static async Task ForgetAsync(this LabFixture lab, params LabImage[] images)
    {
        foreach (var image in images)
        {
            (await lab.DockerAsync("image", "rm", "--force", image.Id)).ShouldSucceed();
        }
    }
}
