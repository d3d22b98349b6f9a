using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace AuthzPlugin.Hosting;

/// <summary>sd_notify(3) over the datagram socket that systemd names in <c>NOTIFY_SOCKET</c>; without it nothing is sent.</summary>
internal sealed class SystemdNotifier
{
    private readonly UnixDomainSocketEndPoint? _address;

    /// <param name="notifySocket">Path, or <c>@name</c> of an abstract socket.</param>
    /// <param name="watchdogMicroseconds">Value of <c>WATCHDOG_USEC</c>.</param>
    public SystemdNotifier(string? notifySocket, string? watchdogMicroseconds)
    {
        _address = string.IsNullOrEmpty(notifySocket)
            ? null
            : new UnixDomainSocketEndPoint(notifySocket[0] == '@' ? "\0" + notifySocket[1..] : notifySocket);
        WatchdogInterval = _address is not null
            && long.TryParse(watchdogMicroseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var usec) && usec > 0
            ? TimeSpan.FromMicroseconds(usec / 2)
            : null;
    }

    /// <summary>Half of what systemd allows between two signs of life; null when it wants none.</summary>
    public TimeSpan? WatchdogInterval { get; }

    /// <exception cref="SocketException">systemd's socket does not take it.</exception>
    public void Notify(string state)
    {
        if (_address is null)
        {
            return;
        }

        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.SendTo(Encoding.UTF8.GetBytes(state), _address);
    }
}
