using System.Text;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Policy.Json;

namespace AuthzPlugin.Enforcement.Tests.Policy;

/// <summary>Policies as text, read without files.</summary>
internal static class PolicyTexts
{
    public const string DaemonPath = "/etc/docker/daemon.json";
    public const string FilePath = "/etc/docker/content-trust.json";
    public const string KeyA = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    public const string KeyB = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    /// <summary>A legal stanza that gives no warning.</summary>
    public const string Good =
        $$"""{ "mode": "enforced", "trust-pinning": { "root-keys": { "registry.example.com/team/*": ["{{KeyA}}"] } } }""";

    public static PolicyLoadResult ReadDaemon(string daemonJson) => Read(daemonJson, null);

    public static PolicyLoadResult ReadStanza(string stanza) => Read($$"""{ "builder": { "content-trust": {{stanza}} } }""", null);

    /// <summary>A good stanza with more members.</summary>
    public static PolicyLoadResult ReadWith(string members) => ReadStanza(Good.TrimEnd('}', ' ') + " } }, " + members + " }");

    public static PolicyLoadResult Read(string? daemonJson, string? policyFile) =>
        Read(daemonJson is null ? null : Encoding.UTF8.GetBytes(daemonJson), policyFile is null ? null : Encoding.UTF8.GetBytes(policyFile));

    public static PolicyLoadResult Read(byte[]? daemonJson, byte[]? policyFile) =>
        PolicyReader.Read(FileOf(DaemonPath, daemonJson), FileOf(FilePath, policyFile));

    private static ConfigFile FileOf(string path, byte[]? bytes) =>
        new(path, bytes is null ? (ReadOnlyMemory<byte>?)null : bytes, null, WritableByStrangers: false);
}
