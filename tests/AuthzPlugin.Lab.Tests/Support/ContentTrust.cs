using System.Diagnostics;
using System.Net.Sockets;

namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>The product's command as it lies beside the tests: nothing is published or installed.</summary>
public sealed class ContentTrust : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    // bash gives the passed socket its number and then becomes the service, so LISTEN_PID is right (sd_listen_fds(3)).
    private const string PassSocket =
        """
        fd=$1 log=$2; shift 2
        if ((fd != 0)); then exec 3<&"$fd" {fd}<&-; export LISTEN_PID=$$ LISTEN_FDS=1; fi
        exec "$@" </dev/null >>"$log" 2>&1
        """;

    private readonly string _log;

    private ContentTrust(Process process, string log)
    {
        Process = process;
        _log = log;
    }

    public Process Process { get; }

    public bool Runs => !Process.HasExited;

    /// <summary>Runs a command that ends by itself.</summary>
    public static Task<CommandResult> RunAsync(IEnumerable<string> arguments, TimeSpan? limit = null) =>
        Command.RunAsync(Program[0], [.. Program.Skip(1), .. arguments], Environment(), limit ?? TimeSpan.FromSeconds(20));

    /// <summary>Starts <c>serve</c> and waits until it says that it answers.</summary>
    /// <param name="socket">Passed as systemd passes one; null: the service makes its own.</param>
    /// <param name="log">Standard output and standard error are appended to it.</param>
    public static async Task<ContentTrust> ServeAsync(
        IEnumerable<string> arguments, Socket? socket, string log, IReadOnlyDictionary<string, string>? variables = null)
    {
        var words = new GrowingFile(log);
        words.Mark();
        var service = new ContentTrust(Launch(arguments, socket, log, variables), log);
        await Wait.UntilAsync(
            $"content-trust says in {log} that it answers",
            () => words.Lines.Any(l => l.Contains("answers on", StringComparison.Ordinal)) || service.Process.HasExited,
            StartLimit);
        return service.Runs ? service : throw new InvalidOperationException($"content-trust ended at once:\n{words.Tail(20)}");
    }

    /// <summary>SIGTERM, as <c>systemctl stop</c>. Returns the exit code.</summary>
    public async Task<int> StopAsync()
    {
        Posix.Terminate(Process);
        return await ExitAsync();
    }

    /// <summary>Waits for the end that was asked for.</summary>
    public async Task<int> ExitAsync()
    {
        try
        {
            await Process.WaitForExitAsync().WaitAsync(StopLimit);
            return Process.ExitCode;
        }
        catch (TimeoutException)
        {
            Process.Kill();
            throw new TimeoutException($"content-trust did not end {StopLimit.TotalSeconds:0} s after SIGTERM; see {_log}");
        }
    }

    /// <summary>A number of <c>/proc/PID/status</c>, in KiB.</summary>
    public long Memory(string name)
    {
        var line = File.ReadLines($"/proc/{Process.Id}/status").First(l => l.StartsWith(name + ":", StringComparison.Ordinal));
        return long.Parse(line.Split(':', ' ', '\t').Last(w => w.Length > 0 && char.IsAsciiDigit(w[0])), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>How many files, sockets and other handles the process has open.</summary>
    public int Handles => Directory.GetFiles($"/proc/{Process.Id}/fd").Length;

    public async ValueTask DisposeAsync()
    {
        if (Runs)
        {
            Process.Kill();
            await Process.WaitForExitAsync();
        }

        Process.Dispose();
    }

    /// <summary>
    /// The command line that runs it, without arguments: what stands beside the tests, or another one that LAB_CONTENT_TRUST names, such as
    /// the published one, since figures are those of what is shipped.
    /// </summary>
    public static IReadOnlyList<string> Program
    {
        get
        {
            if (System.Environment.GetEnvironmentVariable("LAB_CONTENT_TRUST") is { Length: > 0 } other)
            {
                return [other];
            }

            var here = AppContext.BaseDirectory;
            var host = System.Environment.ProcessPath;
            return Path.GetFileName(host) == "dotnet"
                ? [host!, Path.Combine(here, "content-trust.dll")]
                : [Path.Combine(here, "content-trust")];
        }
    }

    private static Process Launch(
        IEnumerable<string> arguments, Socket? socket, string log, IReadOnlyDictionary<string, string>? variables)
    {
        var descriptor = socket is null ? 0 : Posix.Inheritable(socket);
        try
        {
            var start = new ProcessStartInfo("/bin/bash", ["-c", PassSocket, "content-trust", $"{descriptor}", log, .. Program, "serve", .. arguments]);
            start.Environment.Clear();
            foreach (var (name, value) in Environment().Concat(variables ?? new Dictionary<string, string>()))
            {
                start.Environment[name] = value;
            }

            return Process.Start(start)!;
        }
        finally
        {
            if (descriptor != 0)
            {
                _ = Posix.Close(descriptor);
            }
        }
    }

    // Nothing of the caller's settings (CONTENT_TRUST_..., proxies) gets in.
    private static Dictionary<string, string> Environment()
    {
        var result = new Dictionary<string, string> { ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin", ["HOME"] = "/nonexistent" };
        if (System.Environment.GetEnvironmentVariable("DOTNET_ROOT") is { } root)
        {
            result["DOTNET_ROOT"] = root;
        }

        return result;
    }
}
