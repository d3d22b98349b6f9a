using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using AuthzPlugin.Gate.BuildKit;
using AuthzPlugin.Gate.BuildKit.Grpc;
using AuthzPlugin.Gate.BuildKit.Protocol;
using AuthzPlugin.Gate.Http2;
using AuthzPlugin.Gate.Proxy;
using Google.Protobuf;

namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>A BuildKit client of our own: it asks for builds that no honest tool asks for, and its session says what a test wants.</summary>
internal sealed class BuildClient : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromMinutes(2));
    private readonly ConcurrentBag<IDisposable> _parts = [];
    private readonly Http2Connection _calls;
    private int _looks;

    private BuildClient(Http2Connection calls) => _calls = calls;

    public string Session { get; } = Guid.NewGuid().ToString("N");

    /// <summary>The Dockerfile that the session has at the first look, at the second, and so on; the last one stays.</summary>
    public string[] Dockerfiles { get; set; } = [];

    /// <summary>How often it was asked for.</summary>
    public int Looks => _looks;

    public static async Task<BuildClient> ConnectAsync(string socket)
    {
        var transport = await UpgradeAsync(socket, "/grpc", "");
        var client = new BuildClient(Http2Connection.Client(transport));
        client._parts.Add(client._calls);
        client._parts.Add(transport);
        _ = client._calls.RunAsync(client._stop.Token);
        return client;
    }

    /// <summary>Opens the session, in which the engine reads files.</summary>
    public async Task OpenSessionAsync(string socket)
    {
        var headers = $"X-Docker-Expose-Session-Uuid: {Session}\r\nX-Docker-Expose-Session-Name: liar\r\n"
            + "X-Docker-Expose-Session-Grpc-Method: /moby.filesync.v1.FileSync/DiffCopy\r\n";
        var transport = await UpgradeAsync(socket, "/session", headers);
        var server = Http2Connection.Server(transport);
        _parts.Add(server);
        _parts.Add(transport);
        _ = server.RunAsync(_stop.Token);
        _ = Task.Run(async () =>
        {
            await foreach (var call in server.Incoming.ReadAllAsync(_stop.Token))
            {
                _ = ServeAsync(call);
            }
        });
    }

    /// <summary>One call; null when it succeeds, otherwise what it says.</summary>
    public Task<string?> SolveAsync(SolveRequest request) => AskAsync(BuildKitMethods.Solve, request, SolveResponse.Parser);

    /// <summary>A step of a build of this client's.</summary>
    public Task<string?> StepAsync(string build, IMessage request, string method = BuildKitMethods.Step) =>
        // Every answer to a step begins with a text or a message, which is all the same to who does not read it.
        AskAsync(method, request, StatusRequest.Parser, new HeaderField("buildkit-controlapi-buildid", build));

    public async Task<string?> AskAsync<T>(string path, IMessage request, MessageParser<T> answers, params HeaderField[] metadata)
        where T : class, IMessage<T>
    {
        try
        {
            using var call = await GrpcCall.StartAsync(_calls, path, metadata, _stop.Token);
            await call.WriteAsync(request, _stop.Token);
            await call.EndAsync(_stop.Token);
            _ = await call.ReadAsync(answers, _stop.Token);
            return null;
        }
        catch (GrpcException e)
        {
            return $"{e.Code}: {e.Message}";
        }
    }

    /// <summary>A graph that reads one source.</summary>
    public static Definition Reading(string identifier)
    {
        var source = new Op { Source = new SourceOp { Identifier = identifier } }.ToByteString();
        var digest = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(source.Span));
        return new Definition { Def = { source, new Op { Inputs = { new Input { Digest = digest } } }.ToByteString() } };
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var part in _parts)
        {
            part.Dispose();
        }

        _stop.Dispose();
    }

    private static async Task<Stream> UpgradeAsync(string socket, string path, string headers)
    {
        var connection = new System.Net.Sockets.NetworkStream(await LabGate.ConnectAsync(socket), ownsSocket: true);
        var head = $"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n{headers}\r\n";
        await connection.WriteAsync(Encoding.ASCII.GetBytes(head));
        var answer = new StringBuilder();
        var one = new byte[1];
        while (!answer.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await connection.ReadAsync(one) == 1)
        {
            answer.Append((char)one[0]);
        }

        return answer.ToString().StartsWith("HTTP/1.1 101", StringComparison.Ordinal)
            ? connection
            : throw new InvalidOperationException($"{path} answers {answer}");
    }

    // As a client that has one file: it names it, sends it when asked, and ends.
    private async Task ServeAsync(Http2Stream call)
    {
        using var _ = call;
        var path = (await call.ReadHeadersAsync(_stop.Token)).First(f => f.Name == ":path").Value;
        if (path == "/grpc.health.v1.Health/Check")
        {
            // The engine ends sessions that do not say they are well: status 1, which is SERVING, in field 1.
            await call.SendHeadersAsync([new(":status", "200"), new("content-type", "application/grpc")], end: false, _stop.Token);
            await SendAsync(new Packet { Type = Packet.Types.PacketType.Req });
            await call.SendHeadersAsync([new("grpc-status", "0")], end: true, _stop.Token);
            return;
        }

        var file = Dockerfiles[Math.Min(Interlocked.Increment(ref _looks), Dockerfiles.Length) - 1];
        await call.SendHeadersAsync([new(":status", "200"), new("content-type", "application/grpc")], end: false, _stop.Token);
        const uint Mode = 0b110_100_100;
        await SendAsync(new Packet { Type = Packet.Types.PacketType.Stat, Stat = new Stat { Path = "Dockerfile", Mode = Mode, Size = file.Length } });
        await SendAsync(new Packet { Type = Packet.Types.PacketType.Stat });
        while (await GrpcMessages.ReadAsync(call, Packet.Parser, _stop.Token) is { } packet)
        {
            if (packet.Type == Packet.Types.PacketType.Req)
            {
                await SendAsync(new Packet { Type = Packet.Types.PacketType.Data, Id = packet.Id, Data = ByteString.CopyFromUtf8(file) });
                await SendAsync(new Packet { Type = Packet.Types.PacketType.Data, Id = packet.Id });
            }
            else if (packet.Type == Packet.Types.PacketType.Fin)
            {
                await SendAsync(packet);
                break;
            }
        }

        await call.SendHeadersAsync([new("grpc-status", "0")], end: true, _stop.Token);

        ValueTask SendAsync(Packet packet) => call.SendAsync(GrpcMessages.Frame(packet), end: false, _stop.Token);
    }
}
