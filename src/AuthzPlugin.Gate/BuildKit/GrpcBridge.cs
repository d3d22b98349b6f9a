using System.Collections.Concurrent;
using AuthzPlugin.Gate.Http2;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Gate.BuildKit;

/// <summary>Two connections of which every call on one becomes, or does not become, a call on the other.</summary>
internal sealed class GrpcBridge : IDisposable
{
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<Http2Stream, Task> _calls = [];

    /// <param name="caller">The side that makes calls.</param>
    /// <param name="callee">The side that takes them.</param>
    public GrpcBridge(Stream caller, Stream callee, ILogger logger)
    {
        Caller = Http2Connection.Server(caller);
        Callee = Http2Connection.Client(callee);
        _logger = logger;
    }

    public Http2Connection Caller { get; }

    public Http2Connection Callee { get; }

    /// <summary>Serves until either side ends; calls that are under way end with it.</summary>
    /// <param name="handle">Answers one call; its failure ends that call only.</param>
    public async Task RunAsync(Func<Http2Stream, CancellationToken, Task> handle, CancellationToken cancellation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task[] sides = [Caller.RunAsync(ended.Token), Callee.RunAsync(ended.Token), AcceptAsync(handle, ended.Token)];
        try
        {
            await await Task.WhenAny(sides).ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll([.. sides, .. _calls.Values]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose()
    {
        Caller.Dispose();
        Callee.Dispose();
    }

    private async Task AcceptAsync(Func<Http2Stream, CancellationToken, Task> handle, CancellationToken cancellation)
    {
        await foreach (var call in Caller.Incoming.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            var started = new TaskCompletionSource();
            _calls[call] = Task.Run(
                async () =>
                {
                    await started.Task.ConfigureAwait(false);
                    await HandleAsync(call, handle, cancellation).ConfigureAwait(false);
                },
                CancellationToken.None);
            started.SetResult();
        }
    }

    private async Task HandleAsync(Http2Stream call, Func<Http2Stream, CancellationToken, Task> handle, CancellationToken cancellation)
    {
        try
        {
            await handle(call, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // Either side went away, or gave this call up.
            Log.CallEnded(_logger, e.Message);
        }
#pragma warning disable CA1031 // A fault of ours ends this call, not its neighbours.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.CallFailed(_logger, e);
        }
        finally
        {
            call.Dispose();
            _calls.TryRemove(call, out _);
        }
    }
}
