using System.Diagnostics;
using System.Globalization;

namespace AuthzPlugin.Benchmarks.World;

/// <summary>The load driver's end of <see cref="WorldProcess"/>.</summary>
internal sealed class SimulatedWorld : IDisposable
{
    private readonly Process _process;
    private readonly string _folder;

    private SimulatedWorld(Process process, string folder, string pin, int port)
    {
        _process = process;
        _folder = folder;
        Pin = pin;
        Port = port;
    }

    /// <summary>The canonical id of the root key of every repository.</summary>
    public string Pin { get; }

    /// <summary>Of the trust server that has all repositories but the lone ones.</summary>
    public int Port { get; }

    /// <summary>Ports of the lone repositories' servers, by number.</summary>
    public IReadOnlyList<int> AlonePorts { get; private set; } = [];

    public string EngineSocket => Path.Combine(_folder, "engine.sock");

    /// <summary>The certificate of the authority that speaks for the trust servers.</summary>
    public string Authority => Path.Combine(_folder, "ca.crt");

    public static SimulatedWorld Start(string folder)
    {
        Directory.CreateDirectory(folder);
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["world", folder]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        var process = Process.Start(start)!;
        var first = Line(process).Split(' ');
        return new SimulatedWorld(process, folder, first[0], int.Parse(first[1], CultureInfo.InvariantCulture));
    }

    public static Uri UrlOf(int port) => new($"https://localhost:{port}");

    /// <summary>Publishes numbered repositories (<see cref="Names.Numbered"/>).</summary>
    public void PublishMany(string group, int count) => Tell($"many {group} {count}");

    /// <summary>Publishes repositories with a trust server each (<see cref="Names.Alone"/>); once.</summary>
    public void PublishAlone(int count) =>
        AlonePorts = [.. Tell($"alone {count}").Split(' ').Select(p => int.Parse(p, CultureInfo.InvariantCulture))];

    /// <summary>New keys for every role of a repository but its root.</summary>
    public void Rotate(string name) => Tell("rotate " + name);

    /// <summary>The trust server stops listening.</summary>
    public void TakeServerAway() => Tell("away");

    /// <summary>And listens again where it was.</summary>
    public void BringServerBack() => Tell("back");

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private string Tell(string command)
    {
        _process.StandardInput.WriteLine(command);
        return Line(_process);
    }

    private static string Line(Process process) =>
        process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the simulated world ended; what it said stands above");
}
