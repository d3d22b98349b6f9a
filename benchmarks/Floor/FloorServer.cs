using System.Buffers;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace AuthzPlugin.Floor;

/// <summary>
/// The least that any plugin in this runtime does: Kestrel on a Unix socket that reads the request and answers a constant. With
/// options it also asks the engine once, or writes one record to the disk, as a plugin that decides and records cannot help doing.
/// Nothing here is tuned, and nothing is left out that a bare endpoint would have.
/// </summary>
public sealed class FloorServer : IAsyncDisposable
{
    private const int RecordBytes = 900;
    private const int ChunkBytes = 64 * 1024;

    private static readonly byte[] Answer = """{"Allow":true,"Msg":""}"""u8.ToArray();
    private static readonly byte[] Line = [.. Enumerable.Repeat((byte)'r', RecordBytes - 1), (byte)'\n'];

    private readonly WebApplication _app;
    private readonly HttpClient? _engine;
    private readonly string _path;
    private readonly FileStream? _record;

    private FloorServer(WebApplication app, FloorOptions options)
    {
        _app = app;
        _path = options.Inspect?.Path ?? "";
        _engine = options.Inspect is { } inspect ? new HttpClient(UnixSocket(inspect.Socket)) { BaseAddress = new Uri("http://docker") } : null;
        _record = options.Record is { } file ? new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0) : null;
    }

    public static FloorServer Create(FloorOptions options)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.ListenUnixSocket(options.Socket, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var app = builder.Build();
        var server = new FloorServer(app, options);
        app.Run(server.AnswerAsync);
        return server;
    }

    public Task StartAsync() => _app.StartAsync();

    public Task RunAsync() => _app.RunAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _engine?.Dispose();
        if (_record is not null)
        {
            await _record.DisposeAsync();
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        await ReadAsync(context.Request.Body);
        if (_engine is not null)
        {
            _ = await _engine.GetByteArrayAsync(new Uri(_path, UriKind.Relative));
        }

        Record();
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Answer.Length;
        await context.Response.Body.WriteAsync(Answer);
    }

    // Records are one after another in any log.
    private void Record()
    {
        if (_record is not null)
        {
            lock (_record)
            {
                _record.Write(Line);
                _record.Flush(flushToDisk: true);
            }
        }
    }

    private static async Task ReadAsync(Stream body)
    {
        var chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        while (await body.ReadAsync(chunk) > 0)
        {
            // The bytes are all that is wanted.
        }

        ArrayPool<byte>.Shared.Return(chunk);
    }

    private static SocketsHttpHandler UnixSocket(string path) => new()
    {
        UseProxy = false,
        ConnectCallback = async (_, cancellation) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    };
}
