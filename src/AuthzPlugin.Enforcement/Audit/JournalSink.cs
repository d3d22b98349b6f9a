using System.Globalization;
using System.Text;
using System.Text.Json;

namespace AuthzPlugin.Enforcement.Audit;

/// <summary>
/// Lines of the audit log for journald, with each member of a line as a field of its own (systemd's native protocol):
/// <c>journalctl CONTENT_TRUST_REASON=not-signed</c>.
/// </summary>
public sealed class JournalSink(DatagramSocket socket, bool refusalsOnly) : IAuditSink
{
    public const string DefaultSocket = "/run/systemd/journal/socket";

    /// <summary>One id for all of them (journalctl MESSAGE_ID=…).</summary>
    private const string MessageId = "6c0fa9e2b45e4b6f8f6f0d0f2c4f1a37";

    public void Send(AuditLine line, ReadOnlySpan<byte> json, bool refusal)
    {
        if (refusalsOnly && !refusal)
        {
            return;
        }

        using var document = JsonDocument.Parse(json.ToArray());
        var entry = new StringBuilder()
            .Append("MESSAGE_ID=").Append(MessageId).Append('\n')
            .Append("SYSLOG_IDENTIFIER=content-trust\n")
            .Append(CultureInfo.InvariantCulture, $"PRIORITY={(refusal ? 4 : 6)}\n");
        foreach (var member in document.RootElement.EnumerateObject())
        {
            // Checks stay one JSON text; all other members are plain.
            var value = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : member.Value.GetRawText();
            var name = member.Name == "message" ? "MESSAGE" : "CONTENT_TRUST_" + member.Name.Replace('-', '_').ToUpperInvariant();
            entry.Append(name).Append('=').Append(value.ReplaceLineEndings(" ")).Append('\n');
        }

        socket.Send(Encoding.UTF8.GetBytes(entry.ToString()));
    }
}
