using System.Globalization;
using System.Text;

namespace AuthzPlugin.Enforcement.Audit;

/// <summary>Lines of the audit log for a syslog daemon: RFC 5424 with the JSON line as message, facility 13 (log audit).</summary>
public sealed class SyslogSink(DatagramSocket socket, string host, int processId, TimeProvider time) : IAuditSink
{
    private const int LogAudit = 13;
    private const int Warning = 4;
    private const int Informational = 6;

    public void Send(AuditLine line, ReadOnlySpan<byte> json, bool refusal)
    {
        var priority = (LogAudit * 8) + (refusal ? Warning : Informational);
        var at = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        var head = string.Create(CultureInfo.InvariantCulture, $"<{priority}>1 {at} {host} content-trust {processId} audit - ");
        socket.Send([.. Encoding.ASCII.GetBytes(head), .. json]);
    }
}
