using System.Security.Cryptography;
using System.Text.Json.Nodes;
using AuthzPlugin.Testing.Signatures;

namespace AuthzPlugin.Differential.Tests;

/// <summary>Debian's cosign of one generation, as a user verifies with keys.</summary>
internal sealed class CosignTool
{
    private readonly string _path;
    private readonly string _folder;

    private CosignTool(string path, string folder)
    {
        _path = path;
        _folder = folder;
    }

    /// <param name="version">2 or 3.</param>
    internal static async Task<CosignTool> FindAsync(string version, string folder) =>
        new(await SignerTool.FindAsync(folder, "cosign-tool", version), folder);

    /// <summary>Whether it accepts the image; what it says otherwise.</summary>
    internal async Task<(bool Trusted, string Text)> VerifyAsync(string image, CosignTestKey key, IReadOnlyDictionary<string, string> annotations)
    {
        var file = Path.Combine(_folder, key.Public.Id + ".pub");
        await File.WriteAllTextAsync(file, key.Pem);
        string[] arguments = ["verify", "--key", file, "--insecure-ignore-tlog=true", .. annotations.SelectMany(a => new[] { "-a", $"{a.Key}={a.Value}" }), image];
        var (code, text) = await SignerTool.RunAsync(_path, arguments, _folder);
        return (code == 0, SignerTool.LastLine(text));
    }

    /// <summary>The same for signatures with certificates, by 3.1: by the root file, and without any network but the registry.</summary>
    /// <param name="bundles">Whether bundles are looked for, or simple signing.</param>
    internal async Task<(bool Trusted, string Text)> VerifyKeylessAsync(
        string image, JsonObject root, bool bundles, IReadOnlyDictionary<string, string> annotations)
    {
        var file = Path.Combine(_folder, $"{Guid.NewGuid()}.json");
        await File.WriteAllBytesAsync(file, CosignFiles.Bytes(root));
        return await VerifyKeylessAsync(image, ["--trusted-root", file, $"--new-bundle-format={(bundles ? "true" : "false")}"], annotations);
    }

    /// <summary>By 2.5, which takes no root file for simple signing and would fetch keys and certificates unless it is told them.</summary>
    internal async Task<(bool Trusted, string Text)> VerifyKeylessAsync(
        string image, SigstoreSimulator world, IReadOnlyDictionary<string, string> annotations)
    {
        var (roots, certificateLog, log) = (Path.Combine(_folder, "roots.pem"), Path.Combine(_folder, "ct.pub"), Path.Combine(_folder, "rekor.pub"));
        if (!File.Exists(log))
        {
            await File.WriteAllTextAsync(roots, $"{Pem("CERTIFICATE", world.Authority.Intermediate.RawData)}{Pem("CERTIFICATE", world.Authority.Root.RawData)}");
            await File.WriteAllTextAsync(certificateLog, Pem("PUBLIC KEY", world.CertificateLog.PublicKey));
            await File.WriteAllTextAsync(log, Pem("PUBLIC KEY", world.Log.PublicKey));
        }

        return await VerifyKeylessAsync(
            image, [], annotations, ("SIGSTORE_ROOT_FILE", roots), ("SIGSTORE_CT_LOG_PUBLIC_KEY_FILE", certificateLog), ("SIGSTORE_REKOR_PUBLIC_KEY", log));
    }

    private static string Pem(string label, byte[] bytes) => PemEncoding.WriteString(label, bytes) + "\n";

    private async Task<(bool Trusted, string Text)> VerifyKeylessAsync(
        string image, string[] roots, IReadOnlyDictionary<string, string> annotations, params (string Name, string Value)[] environment)
    {
        string[] arguments =
        [
            "verify", .. roots, "--offline", "--certificate-identity", SigstoreSimulator.Subject, "--certificate-oidc-issuer", SigstoreSimulator.Issuer,
            .. annotations.SelectMany(a => new[] { "-a", $"{a.Key}={a.Value}" }), image,
        ];
        var (code, text) = await SignerTool.RunAsync(_path, arguments, _folder, environment);
        return (code == 0, string.Join(" | ", text.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }
}
