using System.Net;
using Microsoft.AspNetCore.Connections;

namespace AuthzPlugin.Hosting;

/// <summary>
/// Kestrel's own sockets, with one addition: accepting can be stopped while open connections are still served, so that a restart
/// loses no question: new connections wait in the socket that systemd keeps, open ones are told to close with their next answer.
/// </summary>
internal sealed class DrainableListeners(IConnectionListenerFactory inner) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly List<IConnectionListener> _bound = [];

    public bool CanBind(EndPoint endpoint) => inner is not IConnectionListenerFactorySelector selector || selector.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = await inner.BindAsync(endpoint, cancellationToken).ConfigureAwait(false);
        lock (_bound)
        {
            _bound.Add(listener);
        }

        return listener;
    }

    /// <summary>From now on no connection is accepted; it can be called before the server stops, which does it again.</summary>
    public async Task StopAcceptingAsync(CancellationToken cancellation)
    {
        IConnectionListener[] listeners;
        lock (_bound)
        {
            listeners = [.. _bound];
        }

        foreach (var listener in listeners)
        {
            await listener.UnbindAsync(cancellation).ConfigureAwait(false);
        }
    }
}
