using System.Security.Cryptography;
using System.Text;

namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>The files that the service keeps, and its admin commands.</summary>
public sealed class PluginState(LabFixture lab)
{
    /// <summary>
    /// Settings for tests that ask again and again: a refusal is remembered no longer than it must, and a server that failed is left
    /// alone for the shortest time.
    /// </summary>
    public static readonly string[] Impatient = ["--negative-cache", "100ms", "--trust-server-retry", "1s", "--trust-server-retry-max", "1s"];

    private string Root => Path.GetDirectoryName(lab.Plugin.Log.Path)!;

    public string Directory => Path.Combine(Root, "state");

    public string AdminSocket => Path.Combine(Root, "admin.sock");

    /// <summary>All metadata of a repository.</summary>
    public string Metadata(string repository) => Path.Combine(Directory, "trust", "metadata", Key(repository));

    /// <summary>The versions that were seen of a repository.</summary>
    public string Versions(string repository) => Path.Combine(Directory, "trust", "versions", Key(repository) + ".json");

    /// <summary>What is locked while the files of a repository are written.</summary>
    public string Lock(string repository) =>
        Path.Combine(Directory, "trust", "locks", $"{Convert.ToInt32(Key(repository)[..2], 16) % 64:x2}.lock");

    public string Approval(string container) => Path.Combine(Directory, "approvals", container + ".json");

    public string Image(string id) => Path.Combine(Directory, "images", id["sha256:".Length..] + ".json");

    /// <summary><c>content-trust cache forget</c>.</summary>
    public Task<CommandResult> ForgetAsync(string repository) => RunAsync("cache", "forget", repository);

    /// <summary>The command that a message gives as the next step, word for word.</summary>
    public async Task<CommandResult> FollowAsync(string message)
    {
        const string Start = "run content-trust ";
        var at = message.IndexOf(Start, StringComparison.Ordinal);
        Assert.True(at >= 0, $"this message should give a command: {message}");
        return (await RunAsync(message[(at + Start.Length)..].Split(' '))).ShouldSucceed("forgot the trust data and the versions of");
    }

    private Task<CommandResult> RunAsync(params string[] command) =>
        ContentTrust.RunAsync([.. command, "--settings", Path.Combine(Root, "settings.json")]);

    private static string Key(string repository) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(repository)));
}
