using System.Net.Sockets;
using System.Runtime.InteropServices;
using AuthzPlugin.Enforcement.Settings;
using AuthzPlugin.Gate.Proxy;

namespace AuthzPlugin.Hosting;

/// <summary>The gate's listening socket and server, when there is a gate.</summary>
internal sealed partial class GateHost : IAsyncDisposable
{
    /// <summary>Connections that wait while the service is busy or restarts, as for docker's own socket.</summary>
    private const int Backlog = 4096;

    /// <summary>Commands under way get this long at a stop; the plugin, which they need, drains afterwards.</summary>
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(5);

    private readonly GateServer _server;

    // Kept for as long as the process lives: closing it would shut the socket down for the process that systemd passes it to next.
    private readonly Socket _listener;

    private GateHost(GateServer server, Socket listener, string path, bool ofSystemd)
    {
        _server = server;
        _listener = listener;
        Path = path;
        OfSystemd = ofSystemd;
    }

    /// <summary>Where clients find it.</summary>
    public string Path { get; }

    /// <summary>systemd made the socket, by <c>content-trust gate enable</c>.</summary>
    public bool OfSystemd { get; }

    /// <summary>Clients' connections that are open now.</summary>
    public int Connections => _server.Open;

    /// <summary>Null when settings and systemd name no gate.</summary>
    /// <param name="settings">Say where the gate's socket is, also when systemd made it.</param>
    /// <param name="passed">The descriptor that systemd passed; null: the socket is made where the settings say.</param>
    /// <exception cref="IOException">The socket cannot be used. The message says why.</exception>
    public static GateHost? Open(ServiceSettings settings, int? passed, GateParts parts)
    {
        if (passed is null && settings.GateSocket.Length == 0)
        {
            return null;
        }

        var path = settings.GateSocket;
        if (IsSame(path, settings.EngineSocket))
        {
            throw new IOException($"{path} is the gate's socket and the engine's (engine-socket); name the engine's private socket there");
        }

        var listener = passed is { } given
            ? new Socket(new SafeSocketHandle(given, ownsHandle: false))
            : Bind(path);
        return new GateHost(new GateServer(listener, parts), listener, path, passed is not null);
    }

    public void Start() => _server.Start();

    public Task DrainAsync() => _server.DrainAsync(DrainLimit);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync().ConfigureAwait(false);
        GC.KeepAlive(_listener);
    }

    private static bool IsSame(string a, string b) => Plain(a) == Plain(b);

    // /var/run is a link to /run on every system with systemd.
    private static string Plain(string path) =>
        path.StartsWith("/var/run/", StringComparison.Ordinal) ? path["/var".Length..] : path;

    private static Socket Bind(string path)
    {
        if (PluginSocket.Prepare(path) is { } problem)
        {
            throw new IOException(problem);
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        Share(path);
        socket.Listen(Backlog);
        return socket;
    }

    /// <summary>As docker's own socket: for root and, where there is one, the group docker. The umask left it root's alone.</summary>
    private static void Share(string path)
    {
        const uint Root = 0;
        if (DockerGroup() is { } group && Chown(path, Root, group) == 0)
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        }
        else
        {
            PluginSocket.Restrict(path);
        }
    }

    private static uint? DockerGroup()
    {
        const int GidField = 2;
        var line = File.ReadLines("/etc/group").Select(l => l.Split(':')).FirstOrDefault(f => f.Length > GidField && f[0] == "docker");
        return line is not null && uint.TryParse(line[GidField], out var group) ? group : null;
    }

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Chown(string path, uint owner, uint group);
}
