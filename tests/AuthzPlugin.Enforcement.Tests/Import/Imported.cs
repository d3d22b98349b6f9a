using System.Text.Json.Nodes;
using AuthzPlugin.Enforcement.Import;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Tests.Policy;
using AuthzPlugin.Testing.Signatures;

namespace AuthzPlugin.Enforcement.Tests.Import;

/// <summary>A folder with files of other programs and keys, and what is made of them.</summary>
internal sealed class Imported : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public string Write(string name, string text)
    {
        var path = _folder.Write(name, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        return path;
    }

    /// <summary>The file of a new key.</summary>
    public string Key(string name) => Write(name, CosignTestKey.Ecdsa().Pem);

    public ImportResult Containers(string text) => PolicyImport.ContainersPolicy(Write("policy.json", text));

    public ImportResult Notation(string text) => PolicyImport.Notation(Write("trustpolicy.json", text));

    public ImportResult Mirantis(string text) => PolicyImport.Mirantis(Write("daemon.json", text));

    /// <summary>The entry of a pattern, as text; null: there is none.</summary>
    public static string? Entry(ImportResult result, string pattern) => Entries(result)?[pattern]?.ToJsonString();

    public static string[] Patterns(ImportResult result) => [.. (Entries(result) ?? []).Select(e => e.Key).Order(StringComparer.Ordinal)];

    /// <summary>The stanza as the service would read it.</summary>
    public static PolicyLoadResult Read(ImportResult result) => PolicyTexts.ReadStanza(result.Stanza!.ToJsonString());

    public static void HasNote(ImportResult result, ImportEffect effect, string path, string text) =>
        Assert.Contains(result.Notes, n => n.Effect == effect && n.Path == path && n.Text.Contains(text, StringComparison.Ordinal));

    private static JsonObject? Entries(ImportResult result) => (JsonObject?)result.Stanza!["signature-policies"];
}
