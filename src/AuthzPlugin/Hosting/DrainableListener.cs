using System.Net;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace AuthzPlugin.Hosting;

/// <summary>
/// One listening socket. Kestrel's close for good; this one keeps a second descriptor of a passed socket, to listen on it again.
/// </summary>
internal sealed partial class DrainableListener : IConnectionListener
{
    /// <summary><c>F_DUPFD_CLOEXEC</c> of fcntl(2) on Linux: helpers that we start do not inherit it.</summary>
    private const int DuplicateCloseOnExec = 1030;

    private const int None = -1;

    private readonly IConnectionListenerFactory _factory;
    private readonly int _spare;

    /// <summary>Connections use their listener's memory, so closed listeners stay until the end.</summary>
    private readonly List<IConnectionListener> _closed = [];

    private volatile IConnectionListener _inner;

    /// <summary>Ends with true when the closed door is open again, with false when it stays closed.</summary>
    private volatile TaskCompletionSource<bool> _opening = NewOpening();

    private DrainableListener(IConnectionListenerFactory factory, IConnectionListener inner, int spare)
    {
        _factory = factory;
        _inner = inner;
        _spare = spare;
    }

    public EndPoint EndPoint => _inner.EndPoint;

    public static async Task<DrainableListener> BindAsync(IConnectionListenerFactory factory, EndPoint endpoint, CancellationToken cancellation)
    {
        var spare = endpoint is FileHandleEndPoint passed ? Duplicate((int)passed.FileHandle) : None;
        return new DrainableListener(factory, await factory.BindAsync(endpoint, cancellation).ConfigureAwait(false), spare);
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var opening = _opening;
            if (await _inner.AcceptAsync(cancellationToken).ConfigureAwait(false) is { } connection)
            {
                return connection;
            }

            if (!await opening.Task.ConfigureAwait(false))
            {
                return null;
            }
        }
    }

    public ValueTask CloseAsync() => _inner.UnbindAsync();

    public async Task<bool> TryOpenAsync()
    {
        var descriptor = _spare == None ? None : Duplicate(_spare);
        if (descriptor == None)
        {
            return false;
        }

        _closed.Add(_inner);
        _inner = await _factory.BindAsync(new FileHandleEndPoint((ulong)descriptor, FileHandleType.Auto)).ConfigureAwait(false);
        var opening = _opening;
        _opening = NewOpening();
        opening.TrySetResult(true);
        return true;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _opening.TrySetResult(false);
        return _inner.UnbindAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _opening.TrySetResult(false);
        foreach (var listener in _closed.Append(_inner))
        {
            await listener.DisposeAsync().ConfigureAwait(false);
        }

        if (_spare != None)
        {
            _ = Close(_spare);
        }
    }

    private static TaskCompletionSource<bool> NewOpening() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static int Duplicate(int descriptor) => FileControl(descriptor, DuplicateCloseOnExec, 0);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FileControl(int descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int descriptor);
}
