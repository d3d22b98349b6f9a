using System.Diagnostics;
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
                await TryRemoveAsync(folder);
            }
        }
    }

    // Somebody else may be clearing it away as well; what cannot be removed now is in nobody's way.
    private static async Task TryRemoveAsync(string folder)
    {
        try
        {
            EndServicesOf(folder);
            await RemoveAsync(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            await Console.Error.WriteLineAsync($"an abandoned lab stays: {e.Message}");
        }
    }

    // What the killed tests left running has the lab's settings file on its command line.
    private static void EndServicesOf(string folder)
    {
        foreach (var process in Process.GetProcesses())
        {
            using (process)
            {
                try
                {
                    if (File.ReadAllText($"/proc/{process.Id}/cmdline").Contains($"\0{folder}/plugin/settings.json\0", StringComparison.Ordinal))
                    {
                        process.Kill();
                    }
                }
                catch (IOException)
                {
                    // It ended meanwhile.
                }
            }
        }
    }

    private static async Task RemoveAsync(string folder)
    {
        // Without its mark it is what an interrupted removal left: plain files.
        var lab = Path.Combine(folder, "lab");
        if (File.Exists(Path.Combine(lab, ".content-trust-lab")) && await RunAsync("down", lab, "--purge") is { Succeeded: false } down)
        {
            throw new InvalidOperationException($"the lab in {folder} cannot be removed: {down.Errors.Trim()}");
        }

        Directory.Delete(folder, recursive: true);
    }
}
