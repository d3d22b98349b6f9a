using System.Collections.Concurrent;
using AuthzPlugin.Gate.Http2;

namespace AuthzPlugin.Gate.BuildKit;

/// <summary>The sessions that clients have open: the engine's way to a client's files, and ours.</summary>
internal sealed class ClientSessions(TimeProvider time)
{
    /// <summary>A client opens its session and asks for the build at the same time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<(uint Uid, string Id), TaskCompletionSource<Http2Connection>> _sessions = [];

    /// <summary>Makes a session known for as long as the result is not disposed of.</summary>
    /// <param name="id">As the client chose it.</param>
    public IDisposable Add(uint uid, string id, Http2Connection client)
    {
        var entry = _sessions.AddOrUpdate((uid, id), _ => New(), (_, known) => known.Task.IsCompleted ? New() : known);
        entry.TrySetResult(client);
        return new Registration(() => _sessions.TryRemove(new((uid, id), entry)));
    }

    /// <summary>The client's session of that id, which only the same user can have opened. Null: it did not come.</summary>
    public async Task<Http2Connection?> FindAsync(uint uid, string id, CancellationToken cancellation)
    {
        var entry = _sessions.GetOrAdd((uid, id), _ => New());
        try
        {
            return await entry.Task.WaitAsync(Patience, time, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _sessions.TryRemove(new((uid, id), entry));
            return null;
        }
    }

    private static TaskCompletionSource<Http2Connection> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Registration(Action remove) : IDisposable
    {
        public void Dispose() => remove();
    }
}
