using System.Text.Json;
using AuthzPlugin.Enforcement.Audit;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Commands;

/// <summary>How <c>audit</c> shows what it found.</summary>
internal static class AuditOutput
{
    public static void Write(TextWriter output, AuditReport report, bool json)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(report, CommandJson.Default.AuditReport));
            return;
        }

        foreach (var note in report.Notes)
        {
            output.WriteLine($"note: {note}");
        }

        foreach (var finding in report.Findings)
        {
            output.WriteLine(finding.Line > 0 ? $"{finding.File}:{finding.Line}: {finding.Problem}" : $"{finding.File}: {finding.Problem}");
        }

        output.WriteLine(report.Findings.Count == 0
            ? $"{report.Records} records, the chain is whole; it ends at {report.Head}"
            : $"{report.Records} records, {(report.Findings.Count == AuditVerifier.MostFindings ? "at least " : "")}{report.Findings.Count} breaks in the chain; it ends at {report.Head}");
    }

    /// <summary>A record as one line, or as it stands in the log.</summary>
    public static void Write(TextWriter output, AuditRead line, bool json)
    {
        if (json)
        {
            output.WriteLine(line.Json);
            return;
        }

        var what = line.Event is { } happened ? $"event      {happened}" : $"{line.Answer,-10} {line.Reason}{(line.Repeated is { } n ? $" (and {n} times more)" : "")}";
        output.WriteLine($"{line.Time}  {what}: {UntrustedText.Escape(line.Message ?? "")}");
    }
}
