using System.Collections.Concurrent;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.TrustData.Refresh;

/// <summary>
/// How many updates may be under way at one server, so that a slow one holds up neither the others nor this program.
/// Beyond a thousand servers, which only a pin for every registry lets anybody name, new ones share one gate.
/// </summary>
internal sealed class ServerGates(int updatesPerServer)
{
    private const int MaximumServers = 1000;

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _gates = new(StringComparer.Ordinal);

    /// <exception cref="TransportException">The budget ran out while waiting.</exception>
    public async Task<IDisposable> EnterAsync(string server, CancellationToken cancellation)
    {
        var key = _gates.Count < MaximumServers || _gates.ContainsKey(server) ? server : "";
        var gate = _gates.GetOrAdd(key, _ => new SemaphoreSlim(updatesPerServer, updatesPerServer));
        try
        {
            await gate.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException e)
        {
            throw new TransportException(TransportFault.TimedOut, $"trust server {server} is busy with {updatesPerServer} updates of this host", e);
        }

        return new Pass(gate);
    }

    private sealed class Pass(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
