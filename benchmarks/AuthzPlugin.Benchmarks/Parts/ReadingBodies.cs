using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using AuthzPlugin.Benchmarks.Load;
using AuthzPlugin.Benchmarks.World;
using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Protocol;
using BenchmarkDotNet.Attributes;

namespace AuthzPlugin.Benchmarks.Parts;

/// <summary>
/// A create with 1 MiB of JSON, from the bytes of the message to what it asks for; reading them off the socket is part of neither side.
/// The floor decodes the body's base64 into a buffer that is there and reads its tokens once.
/// </summary>
public class ReadingBodies
{
    private const int BodyBytes = 1 << 20;
    private const int MaxMessageBytes = 16 << 20;

    private readonly byte[] _message;
    private readonly byte[] _encoded;
    private readonly byte[] _decoded;

    public ReadingBodies()
        : this(BodyBytes)
    {
    }

    internal ReadingBodies(int bodyBytes)
    {
        _message = Encoding.UTF8.GetBytes(Messages.CreateQuestion($"{Names.App}:{Names.Tag}", bodyBytes, ""));
        using var document = JsonDocument.Parse(_message);
        _encoded = Encoding.UTF8.GetBytes(document.RootElement.GetProperty("RequestBody").GetString()!);
        _decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(_encoded.Length)];
    }

    [Benchmark(Baseline = true)]
    public int Floor()
    {
        Base64.DecodeFromUtf8(_encoded, _decoded, out _, out var length);
        var reader = new Utf8JsonReader(_decoded.AsSpan(0, length));
        var tokens = 0;
        while (reader.Read())
        {
            tokens++;
        }

        return tokens;
    }

    [Benchmark]
    public object Product() => Understand(_message);

    /// <summary>The same with reading it from a stream, as it comes off the socket.</summary>
    internal object ReadAndUnderstand()
    {
        using var stream = new MemoryStream(_message, writable: false);
        var reading = MessageBody.ReadAsync(stream, MaxMessageBytes, null, CancellationToken.None);
        using var body = reading.IsCompleted ? reading.Result : throw new InvalidOperationException("a stream in memory made its reader wait");
        return Understand(body!.Memory.Span);
    }

    private static CreateRequest Understand(ReadOnlySpan<byte> bytes)
    {
        using var message = AuthZMessage.TryRead(bytes)!;
        var read = EngineRequestReader.Read(message.ToRequest()!);
        return read as CreateRequest ?? throw new InvalidOperationException($"the create was read as {read}");
    }
}
