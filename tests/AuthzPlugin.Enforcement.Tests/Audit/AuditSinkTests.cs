using System.Net.Sockets;
using System.Text;
using AuthzPlugin.Enforcement.Audit;
using AuthzPlugin.Testing.Time;

namespace AuthzPlugin.Enforcement.Tests.Audit;

public sealed class AuditSinkTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("content-trust-test-");
    private readonly Socket _receiver = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 10_000 };
    private readonly DatagramSocket _socket;

    public AuditSinkTests()
    {
        _receiver.Bind(new UnixDomainSocketEndPoint(To));
        _socket = new DatagramSocket(To);
    }

    private string To => Path.Combine(_folder.FullName, "log.sock");

    public void Dispose()
    {
        _socket.Dispose();
        _receiver.Dispose();
        _folder.Delete(recursive: true);
    }

    private void Write(IAuditSink sink, string answer, string message = "no\nreally")
    {
        using var log = new AuditLog(new AuditOptions(Path.Combine(_folder.FullName, "audit.log")), new ManualTimeProvider(), sink);
        log.Write(new AuditRecord
        {
            Time = "2026-06-01T12:00:00.000Z",
            Phase = "request",
            Mode = "enforced",
            Answer = answer,
            Outcome = "refused",
            Reason = "not-signed",
            Message = message,
            RootKeyIds = ["a"],
            Checks = [],
        });
    }

    private string Received()
    {
        var buffer = new byte[65536];
        return Encoding.UTF8.GetString(buffer, 0, _receiver.Receive(buffer));
    }

    [Fact]
    public void Journald_gets_every_member_as_a_field()
    {
        Write(new JournalSink(_socket, refusalsOnly: true), "deny");
        var fields = Received().TrimEnd('\n').Split('\n');
        Assert.Contains("MESSAGE=no really", fields);
        Assert.Contains("PRIORITY=4", fields);
        Assert.Contains("SYSLOG_IDENTIFIER=content-trust", fields);
        Assert.Contains("CONTENT_TRUST_REASON=not-signed", fields);
        Assert.Contains("CONTENT_TRUST_SEQ=1", fields);
        Assert.Contains("CONTENT_TRUST_ROOT_KEY_IDS=[\"a\"]", fields);
        Assert.All(fields, f => Assert.Matches("^[A-Z_]+=", f));
    }

    [Fact]
    public void What_was_allowed_goes_to_journald_only_when_all_is_wanted()
    {
        Write(new JournalSink(_socket, refusalsOnly: true), "allow", "first");
        Write(new JournalSink(_socket, refusalsOnly: false), "allow", "second");
        Assert.Contains("MESSAGE=second\n", Received(), StringComparison.Ordinal);
        Assert.Equal(0, _receiver.Available);
    }

    [Fact]
    public void Syslog_gets_the_line_in_the_form_of_RFC_5424()
    {
        Write(new SyslogSink(_socket, "host", 42, new ManualTimeProvider()), "deny");
        Assert.StartsWith("<108>1 2026-06-01T12:00:00.000000Z host content-trust 42 audit - {\"v\":1,\"seq\":1,", Received(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_nobody_takes_is_counted_and_hinders_nothing()
    {
        _receiver.Dispose();
        Write(new SyslogSink(_socket, "host", 42, new ManualTimeProvider()), "deny");
        Assert.Equal(1, _socket.Lost);
    }
}
