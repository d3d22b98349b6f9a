namespace AuthzPlugin.Differential.Tests;

/// <summary>Debian's notation, as a user verifies with a trust policy and a trust store.</summary>
internal sealed class NotationTool
{
    private readonly string _path;

    private NotationTool(string path) => _path = path;

    internal static async Task<NotationTool> FindAsync(string folder) => new(await SignerTool.FindAsync(folder, "notation-tool"));

    /// <summary>Whether it accepts the image; what it says otherwise.</summary>
    /// <param name="folder">Holds <c>notation/trustpolicy.json</c> and <c>notation/truststore</c>.</param>
    internal async Task<(bool Trusted, string Text)> VerifyAsync(string image, string folder, IReadOnlyDictionary<string, string> metadata)
    {
        string[] arguments = ["verify", "--insecure-registry", .. metadata.SelectMany(m => new[] { "--user-metadata", $"{m.Key}={m.Value}" }), image];
        var (code, text) = await SignerTool.RunAsync(_path, arguments, folder, ("XDG_CONFIG_HOME", folder), ("XDG_CACHE_HOME", folder));
        return (code == 0, SignerTool.LastLine(text));
    }
}
