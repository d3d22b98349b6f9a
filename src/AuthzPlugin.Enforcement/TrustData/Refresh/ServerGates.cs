using System.Collections.Concurrent;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.TrustData.Refresh;

/// <summary>
/// How many updates may be under way at one server, so that a slow one holds up neither the others nor this program.
/// The set of servers is the policy's, so the table does not grow without bound.
/// </summary>
internal sealed class ServerGates(int updatesPerServer)
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _gates = new(StringComparer.Ordinal);

    /// <exception cref="TransportException">The budget ran out while waiting.</exception>
    public async Task<IDisposable> EnterAsync(string server, CancellationToken cancellation)
    {
        var gate = _gates.GetOrAdd(server, _ => new SemaphoreSlim(updatesPerServer, updatesPerServer));
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
