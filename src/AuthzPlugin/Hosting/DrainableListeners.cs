using System.Net;
using Microsoft.AspNetCore.Connections;

namespace AuthzPlugin.Hosting;

/// <summary>
/// Kestrel's own sockets, with one addition: the doors can be closed while open connections are still served, and opened again,
/// so that a restart loses no question: new connections wait in the socket that systemd keeps.
/// </summary>
internal sealed class DrainableListeners(IConnectionListenerFactory inner) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly List<DrainableListener> _bound = [];

    public bool CanBind(EndPoint endpoint) => inner is not IConnectionListenerFactorySelector selector || selector.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = await DrainableListener.BindAsync(inner, endpoint, cancellationToken).ConfigureAwait(false);
        lock (_bound)
        {
            _bound.Add(listener);
        }

        return listener;
    }

    /// <summary>No connection is accepted until <see cref="TryOpenAsync"/>.</summary>
    public async Task CloseAsync()
    {
        foreach (var listener in Bound())
        {
            await listener.CloseAsync().ConfigureAwait(false);
        }
    }

    /// <summary>False when there is no socket of somebody else's to go back to.</summary>
    public async Task<bool> TryOpenAsync()
    {
        var opened = true;
        foreach (var listener in Bound())
        {
            opened &= await listener.TryOpenAsync().ConfigureAwait(false);
        }

        return opened;
    }

    private DrainableListener[] Bound()
    {
        lock (_bound)
        {
            return [.. _bound];
        }
    }
}
