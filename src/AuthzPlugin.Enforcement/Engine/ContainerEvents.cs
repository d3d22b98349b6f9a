using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Engine;

/// <summary>What can happen to a container.</summary>
public enum ContainerChange
{
    /// <summary>It started or was unpaused.</summary>
    Started,

    /// <summary>It ended; it may start again.</summary>
    Ended,

    /// <summary>It is gone.</summary>
    Removed,
}

/// <summary>What happened to a container.</summary>
public sealed record ContainerEvent(string ContainerId, ContainerChange Change);

/// <summary>The engine's stream of events about containers, a JSON object a line (Engine API 1.24–1.55).</summary>
public sealed class ContainerEvents(Stream stream) : IAsyncDisposable
{
    internal const string Filters = """{"type":["container"],"event":["start","unpause","die","destroy"]}""";

    /// <summary>A line holds all labels of a container.</summary>
    private const int MaxLineBytes = 4 * 1024 * 1024;

    /// <summary>Until cancelled.</summary>
    /// <exception cref="EngineException">The stream ended or is not what the API promises: what happened since is not known.</exception>
    public async IAsyncEnumerable<ContainerEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var reader = PipeReader.Create(stream);
        while (true)
        {
            var read = await ReadMoreAsync(reader, cancellation).ConfigureAwait(false);
            var rest = read.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                if (Parse(rest.Slice(0, end)) is { } happened)
                {
                    yield return happened;
                }

                rest = rest.Slice(rest.GetPosition(1, end));
            }

            reader.AdvanceTo(rest.Start, rest.End);
            if (read.IsCompleted || rest.Length > MaxLineBytes)
            {
                throw new EngineException(EngineFault.Unreachable, "the engine ended its stream of events");
            }
        }
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private static async ValueTask<ReadResult> ReadMoreAsync(PipeReader reader, CancellationToken cancellation)
    {
        try
        {
            return await reader.ReadAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new EngineException(EngineFault.Unreachable, "the engine's stream of events broke off", e);
        }
    }

    private static ContainerChange ToChange(string? action) => action switch
    {
        "die" => ContainerChange.Ended,
        "destroy" => ContainerChange.Removed,
        _ => ContainerChange.Started,
    };

    private static ContainerEvent? Parse(ReadOnlySequence<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            var message = JsonSerializer.Deserialize(ref reader, EngineJson.Default.EventMessage);
            return Digest.IsLowerHex(message?.Actor?.Id, Digest.HexLength)
                ? new ContainerEvent(message.Actor.Id, ToChange(message.Action))
                : null;
        }
        catch (JsonException e)
        {
            throw new EngineException(EngineFault.Unclear, "an event of the engine is not the JSON that its API promises", e);
        }
    }
}
