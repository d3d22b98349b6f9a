using System.Text.Json.Nodes;

namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>
/// The owner of one repository of the lab: a client with a root key of its own, so that what happens to the key touches no other test.
/// </summary>
/// <param name="name">Of the client.</param>
/// <param name="repository">Below <c>lab/</c>; null: as the client.</param>
public sealed class Publisher(LabFixture lab, string name, string? repository = null)
{
    public string Name => name;

    public string Repository { get; } = $"{lab.Registry}/lab/{repository ?? name}";

    /// <summary>A new image, pushed and signed by this owner, or by a signer with a delegation.</summary>
    public Task<LabImage> SignAsync(string tag, string? signer = null) => lab.SignedAsync(Repository, tag, signer: signer ?? name);

    /// <summary>A new image, pushed only.</summary>
    public Task<LabImage> PushAsync(string tag) => lab.UnsignedAsync(Repository, tag);

    /// <summary>Debian's notary client with this owner's keys.</summary>
    public Task<string> NotaryAsync(params string[] command) => lab.LabAsync("notary", [name, .. command]);

    /// <summary><c>docker trust</c> with this owner's keys.</summary>
    public Task<string> TrustAsync(params string[] command) => lab.LabAsync("trust", [name, .. command]);

    /// <summary>As <c>docker trust signer add</c>: the signer, a client with a key of the same name, may sign into targets/releases.</summary>
    public async Task AddSignerAsync(string signer)
    {
        var key = await KeyAsync(signer, signer);
        await TrustAsync("signer", "add", "--key", key, signer, Repository);
    }

    /// <summary>Lets a key of the owner's sign in a role; further keys and paths may follow.</summary>
    public async Task DelegateAsync(string role, params string[] paths)
    {
        var key = await KeyAsync(name, "delegate");
        await NotaryAsync(["delegation", "add", Repository, role, key, .. paths, "--publish"]);
    }

    /// <summary>Signs what was pushed, in one role.</summary>
    public Task SignIntoAsync(LabImage image, string role) => NotaryAsync(
        // Nobody looks at the size, the digest decides.
        "addhash", Repository, image.Tag, "527", "--sha256", image.Digest["sha256:".Length..], "--roles", role, "--publish");

    /// <param name="how"><c>--server-managed</c>, or nothing for a key that the owner keeps.</param>
    public Task RotateAsync(string role, params string[] how) => NotaryAsync(["key", "rotate", Repository, role, .. how]);

    /// <summary>Canonical id of the root key that signs the repository now.</summary>
    public Task<string> RootKeyAsync() => lab.LabAsync("root-key-id", Repository);

    /// <summary>Pins exactly these root keys for the repository; every decision asks the trust server.</summary>
    public Task PinAsync(params string[] keys) => PinAsync(_ => { }, keys);

    public Task PinAsync(Action<JsonObject> also, params string[] keys) => lab.WithPolicyAsync(p =>
    {
        p["freshness"] = "0s";
        p["trust-pinning"]!["root-keys"]![Repository] = new JsonArray([.. keys.Select(k => JsonValue.Create(k))]);
        also(p);
    });

    /// <summary>The first image with tag <c>1</c>, the owner's key pinned.</summary>
    public async Task<LabImage> BeginAsync()
    {
        var image = await SignAsync("1");
        await PinAsync(await RootKeyAsync());
        return image;
    }

    // Made at the first use; the public half is a file.
    private async Task<string> KeyAsync(string client, string key)
    {
        var folder = Path.Combine(lab.Env["LAB_DIR"], "clients", client);
        var file = Path.Combine(folder, key + ".pub");
        if (!File.Exists(file))
        {
            Directory.CreateDirectory(folder);
            await lab.LabAsync("trust", client, "key", "generate", key, "--dir", folder);
        }

        return file;
    }
}
