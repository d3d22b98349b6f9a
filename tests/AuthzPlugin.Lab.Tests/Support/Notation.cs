using System.Text.Json.Nodes;

namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>A signer of the real notation, with a certificate of its own, and the trust that a policy puts into it.</summary>
/// <param name="name">Of the certificate, which is the common name of its subject.</param>
public sealed class Notation(LabFixture lab, string name)
{
    private string Home => Path.Combine(lab.Env["LAB_DIR"], "clients", "notation", "notation");

    /// <summary>The certificate, which signed itself (<c>notation cert generate-test</c>).</summary>
    public string Certificate => Path.Combine(Home, "localkeys", name + ".crt");

    public static async Task<Notation> WithKeyAsync(LabFixture lab, string name)
    {
        var notation = new Notation(lab, name);
        if (!File.Exists(notation.Certificate))
        {
            await lab.LabAsync("notation", "cert", "generate-test", name);
        }

        return notation;
    }

    /// <param name="format"><c>jws</c> or <c>cose</c>.</param>
    /// <param name="metadata"><c>name=text</c>.</param>
    public Task SignAsync(LabImage image, string format, params string[] metadata) => lab.LabAsync(
        "notation",
        ["sign", "--insecure-registry", "--key", name, "--signature-format", format, .. metadata.SelectMany(m => new[] { "--user-metadata", m }), image.ByDigest]);

    /// <summary>Whether the tool itself accepts the image under a trust policy that trusts this signer.</summary>
    public async Task<bool> VerifiesAsync(LabImage image)
    {
        var policy = Path.Combine(Home, "trustpolicy.json");
        await File.WriteAllTextAsync(policy, Policy($"x509.subject: CN={name},O=Notary,L=Seattle,ST=WA,C=US", "strict", skipRevocation: true).ToJsonString());
        File.SetUnixFileMode(policy, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        try
        {
            await lab.LabAsync("notation", "verify", "--insecure-registry", image.ByDigest);
            return true;
        }
        catch (InvalidOperationException)
        {
            // It says so with its exit code.
            return false;
        }
    }

    /// <summary>An entry of signature-policies that trusts this signer by files of its own.</summary>
    /// <param name="identity">Null: the subject of its certificate.</param>
    public JsonObject Entry(string? identity = null, string level = "strict", bool skipRevocation = true)
    {
        var folder = Directory.CreateDirectory(Path.Combine(lab.Env["LAB_DIR"], "clients", "trust-" + Guid.NewGuid().ToString("N")[..8])).FullName;
        var store = Directory.CreateDirectory(Path.Combine(folder, "truststore", "x509", "ca", name)).FullName;
        File.Copy(Certificate, Path.Combine(store, "root.crt"));
        File.WriteAllText(
            Path.Combine(folder, "trustpolicy.json"),
            Policy(identity ?? $"x509.subject: CN={name},O=Notary,L=Seattle,ST=WA,C=US", level, skipRevocation).ToJsonString());
        return new JsonObject
        {
            ["notation"] = new JsonObject
            {
                ["trust-policy"] = Path.Combine(folder, "trustpolicy.json"),
                ["trust-store"] = Path.Combine(folder, "truststore"),
            },
        };
    }

    private JsonObject Policy(string identity, string level, bool skipRevocation)
    {
        var verification = new JsonObject { ["level"] = level };
        if (skipRevocation)
        {
            verification["override"] = new JsonObject { ["revocation"] = "skip" };
        }

        return new JsonObject
        {
            ["version"] = "1.0",
            ["trustPolicies"] = new JsonArray(new JsonObject
            {
                ["name"] = "lab",
                ["registryScopes"] = new JsonArray("*"),
                ["signatureVerification"] = verification,
                ["trustStores"] = new JsonArray($"ca:{name}"),
                ["trustedIdentities"] = new JsonArray(identity),
            }),
        };
    }
}
