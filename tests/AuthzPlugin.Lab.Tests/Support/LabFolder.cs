using System.Globalization;
using AuthzPlugin.Testing;

namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>One lab of <c>tests/Lab/lab.sh</c> in a short folder below /tmp, and what it says about itself.</summary>
public sealed class LabFolder : IAsyncDisposable
{
    /// <summary>The owner's process id follows, so that labs whose tests were killed can be told from those in use.</summary>
    private const string Prefix = "ct-lab-";

    private static readonly string Script = SourceTree.PathOf("tests/Lab/lab.sh");

    private LabFolder(string root) => Root = root;

    /// <summary>Ours alone: the lab is below it, beside the plugin's files.</summary>
    public string Root { get; }

    public IReadOnlyDictionary<string, string> Env { get; private set; } = new Dictionary<string, string>();

    private string Lab => Path.Combine(Root, "lab");

    /// <exception cref="InvalidOperationException">One sentence that says what this machine lacks.</exception>
    public static async Task<LabFolder> UpAsync()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new InvalidOperationException("the lab tests start an engine and need root; run them with: sudo tests/run.sh");
        }

        await RemoveAbandonedAsync();
        var folder = new LabFolder($"/tmp/{Prefix}{Environment.ProcessId}");
        Directory.CreateDirectory(folder.Root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var up = await RunAsync("up", folder.Lab);
        if (!up.Succeeded)
        {
            Directory.Delete(folder.Root, recursive: true);
            throw new InvalidOperationException($"the lab does not start: {up.Errors.Trim()}");
        }

        folder.Env = (await File.ReadAllLinesAsync(Path.Combine(folder.Lab, "env")))
            .Select(line => line.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        return folder;
    }

    /// <summary><c>lab.sh VERB DIR ARGUMENT...</c>; returns what it prints.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message is its own.</exception>
    public async Task<string> LabAsync(string verb, params string[] arguments)
    {
        var result = await RunAsync([verb, Lab, .. arguments]);
        return result.Succeeded ? result.Output.Trim() : throw new InvalidOperationException($"lab.sh {verb} {string.Join(' ', arguments)}: {result.Errors.Trim()}");
    }

    public async ValueTask DisposeAsync() => await RemoveAsync(Root);

    private static Task<CommandResult> RunAsync(params string[] arguments) =>
        Command.RunAsync("/bin/bash", [Script, .. arguments], limit: TimeSpan.FromSeconds(150));

    private static async Task RemoveAbandonedAsync()
    {
        foreach (var folder in Directory.EnumerateDirectories("/tmp", Prefix + "*"))
        {
            var owner = Path.GetFileName(folder)[Prefix.Length..];
            if (int.TryParse(owner, NumberStyles.None, CultureInfo.InvariantCulture, out _)
                && (!Directory.Exists("/proc/" + owner) || owner == $"{Environment.ProcessId}"))
            {
                await RemoveAsync(folder);
            }
        }
    }

    private static async Task RemoveAsync(string folder)
    {
        var down = await RunAsync("down", Path.Combine(folder, "lab"), "--purge");
        if (!down.Succeeded)
        {
            throw new InvalidOperationException($"the lab in {folder} cannot be removed: {down.Errors.Trim()}");
        }

        Directory.Delete(folder, recursive: true);
    }
}
