using System.Text.Json.Nodes;

namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>A key of cosign's and the real tools of two generations that sign and verify with it.</summary>
/// <param name="name">Of the key files.</param>
public sealed class Cosign(LabFixture lab, string name)
{
    private static readonly string[] Offline = ["--tlog-upload=false", "--yes"];

    private readonly string _folder = Path.Combine(lab.Env["LAB_DIR"], "clients", "cosign");

    /// <summary>The public key, as a policy names it.</summary>
    public string PublicKey => Path.Combine(_folder, name + ".pub");

    public static async Task<Cosign> WithKeyAsync(LabFixture lab, string name)
    {
        var cosign = new Cosign(lab, name);
        if (!File.Exists(cosign.PublicKey))
        {
            await lab.LabAsync("cosign", "2", "generate-key-pair", "--output-key-prefix", name);
        }

        return cosign;
    }

    /// <param name="version">2: simple signing under the tag <c>.sig</c>; 3: a bundle.</param>
    /// <param name="annotations"><c>name=text</c>.</param>
    public Task SignAsync(LabImage image, string version, params string[] annotations) => lab.LabAsync(
        "cosign",
        [
            version, "sign", "--key", Path.Combine(_folder, name + ".key"), .. Offline, .. version == "3" ? ["--use-signing-config=false"] : Array.Empty<string>(),
            .. annotations.SelectMany(a => new[] { "-a", a }), image.ByDigest,
        ]);

    /// <summary>Whether the tool itself finds a signature of this key.</summary>
    public async Task<bool> VerifiesAsync(LabImage image, string version)
    {
        try
        {
            await lab.LabAsync("cosign", version, "verify", "--key", PublicKey, "--insecure-ignore-tlog=true", image.ByDigest);
            return true;
        }
        catch (InvalidOperationException)
        {
            // It says so with its exit code.
            return false;
        }
    }

    /// <summary>An entry of signature-policies with these keys.</summary>
    public static JsonObject Entry(params Cosign[] keys) => new()
    {
        ["cosign"] = new JsonObject { ["keys"] = new JsonArray([.. keys.Select(k => JsonValue.Create(k.PublicKey))]) },
    };
}
