using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using AuthzPlugin.Benchmarks.Load;

namespace AuthzPlugin.Benchmarks.Processes;

/// <summary>A plugin process, product or floor, that answers on a socket.</summary>
internal sealed class Served : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private Served(Process process, string socket, TimeSpan firstAnswer)
    {
        _process = process;
        Socket = socket;
        FirstAnswer = firstAnswer;
    }

    public string Socket { get; }

    /// <summary>From the start of the process to its first answer.</summary>
    public TimeSpan FirstAnswer { get; }

    /// <summary>Resident memory, in MiB.</summary>
    public double Memory => Status("VmRSS") / 1024.0;

    /// <summary>The most that it ever had, in MiB.</summary>
    public double MemoryPeak => Status("VmHWM") / 1024.0;

    public int Threads => (int)Status("Threads");

    /// <summary>Files, sockets and whatever else the process has open.</summary>
    public int Handles => Directory.GetFiles($"/proc/{_process.Id}/fd").Length;

    /// <summary>Starts a program and waits until it answers.</summary>
    public static Served Start(string program, IEnumerable<string> arguments, string socket)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";

        // To try a setting of the runtime's on both sides before it is built in.
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (variable.Key is string name && name.StartsWith("DOTNET_", StringComparison.Ordinal))
            {
                start.Environment[name] = (string?)variable.Value;
            }
        }

        var clock = Stopwatch.StartNew();
        var process = Process.Start(start)!;
        try
        {
            process.OutputDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            while (!Answers(socket))
            {
                if (process.HasExited || clock.Elapsed > StartLimit)
                {
                    throw new InvalidOperationException($"{program} did not answer on {socket} after {clock.Elapsed.TotalSeconds:0.0} s; run it by hand: {string.Join(' ', start.ArgumentList)}");
                }

                Thread.Sleep(1);
            }

            return new Served(process, socket, clock.Elapsed);
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    public PluginConnection Connect() => new(Socket);

    public void Signal(string name)
    {
        using var kill = Process.Start("/bin/kill", ["-" + name, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Signal("TERM");
            if (!_process.WaitForExit(StopLimit))
            {
                _process.Kill();
            }
        }

        _process.Dispose();
    }

    private static bool Answers(string socket)
    {
        if (!File.Exists(socket))
        {
            return false;
        }

        try
        {
            using var connection = new PluginConnection(socket);
            connection.Ask(Messages.Activate);
            return true;
        }
        catch (SocketException)
        {
            // Bound, and not listening yet; or left behind by the one before.
            return false;
        }
    }

    private long Status(string field)
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").Single(l => l.StartsWith(field + ":", StringComparison.Ordinal));
        return long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
