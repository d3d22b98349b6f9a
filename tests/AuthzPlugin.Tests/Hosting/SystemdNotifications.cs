using System.Net.Sockets;
using System.Text;
using AuthzPlugin.Hosting;

namespace AuthzPlugin.Tests.Hosting;

public sealed class SystemdNotifications
{
    [Fact]
    public void A_state_reaches_the_socket_that_systemd_named()
    {
        var folder = Directory.CreateTempSubdirectory("ct-");
        try
        {
            var path = Path.Combine(folder.FullName, "notify");
            using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 5000 };
            systemd.Bind(new UnixDomainSocketEndPoint(path));
            var notifier = new SystemdNotifier(path, "30000000");
            notifier.Notify("READY=1");
            var buffer = new byte[64];
            Assert.Equal("READY=1", Encoding.UTF8.GetString(buffer, 0, systemd.Receive(buffer)));
            Assert.Equal(TimeSpan.FromSeconds(15), notifier.WatchdogInterval);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(null, "30000000")]
    [InlineData("", "30000000")]
    public void Without_systemd_nothing_is_sent(string? socket, string watchdog)
    {
        var notifier = new SystemdNotifier(socket, watchdog);
        notifier.Notify("READY=1");
        Assert.Null(notifier.WatchdogInterval);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("soon")]
    public void Without_a_watchdog_there_is_no_interval(string? usec) => Assert.Null(new SystemdNotifier("@x", usec).WatchdogInterval);
}
