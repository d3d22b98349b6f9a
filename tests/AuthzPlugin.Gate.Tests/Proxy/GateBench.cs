using System.Net.Sockets;
using System.Text;
using AuthzPlugin.Enforcement.Authorization;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Gate.Proxy;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthzPlugin.Gate.Tests.Proxy;

/// <summary>A gate between clients of a test and an engine that the test plays, on sockets in a folder of its own.</summary>
internal sealed class GateBench : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ct-gate-");
    private readonly Socket _listener;
    private Socket? _engine;

    public GateBench(Func<GateParts, GateParts>? change = null)
    {
        Passes = new GatePasses(TimeProvider.System);
        var parts = new GateParts
        {
            EngineSocket = EnginePath,
            Passes = Passes,
            Policy = () => new PolicyInForce(Policy, ""),
            Time = TimeProvider.System,
            Logger = NullLogger.Instance,
        };
        _listener = Listen(GatePath);
        Server = new GateServer(_listener, change?.Invoke(parts) ?? parts);
        Server.Start();
        StartEngine();
    }

    public GatePasses Passes { get; }

    public GateServer Server { get; }

    public TrustPolicy Policy { get; set; } = TrustPolicy.WithoutStanza with { Mode = EnforcementMode.Enforced };

    public string GatePath => Path.Combine(_folder.FullName, "gate.sock");

    private string EnginePath => Path.Combine(_folder.FullName, "engine.sock");

    public void StartEngine() => _engine = Listen(EnginePath);

    public void StopEngine()
    {
        _engine?.Dispose();
        File.Delete(EnginePath);
    }

    public async Task<Wire> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(GatePath)).WaitAsync(Limit);
        return new Wire(socket);
    }

    /// <summary>The gate's next connection to the engine.</summary>
    public async Task<Wire> AcceptAsync() => new(await _engine!.AcceptAsync().WaitAsync(Limit));

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _listener.Dispose();
        _engine?.Dispose();
        _folder.Delete(recursive: true);
    }

    private static Socket Listen(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen(4096);
        return socket;
    }

    /// <summary>One end of a connection, read and written as text.</summary>
    internal sealed class Wire(Socket socket) : IDisposable
    {
        private readonly byte[] _buffer = new byte[64 * 1024];
        private string _read = "";

        public Socket Socket => socket;

        public async Task SendAsync(string text) => await socket.SendAsync(Encoding.Latin1.GetBytes(text)).WaitAsync(Limit);

        /// <summary>Everything up to and with this text, which must come.</summary>
        public async Task<string> UntilAsync(string end)
        {
            int at;
            while ((at = _read.IndexOf(end, StringComparison.Ordinal)) < 0)
            {
                var count = await socket.ReceiveAsync(_buffer).WaitAsync(Limit);
                Assert.True(count > 0, $"the connection ended after: {_read}");
                _read += Encoding.Latin1.GetString(_buffer, 0, count);
            }

            var result = _read[..(at + end.Length)];
            _read = _read[(at + end.Length)..];
            return result;
        }

        public Task<string> HeadAsync() => UntilAsync("\r\n\r\n");

        /// <summary>Everything up to the end of the stream.</summary>
        public async Task<string> ToEndAsync()
        {
            int count;
            while ((count = await ReceiveAsync()) > 0)
            {
                _read += Encoding.Latin1.GetString(_buffer, 0, count);
            }

            return _read;
        }

        public void EndWriting() => socket.Shutdown(SocketShutdown.Send);

        public void Dispose() => socket.Dispose();

        private async Task<int> ReceiveAsync()
        {
            try
            {
                return await socket.ReceiveAsync(_buffer).WaitAsync(Limit);
            }
            catch (SocketException)
            {
                // Reset: an end, too.
                return 0;
            }
        }
    }
}
