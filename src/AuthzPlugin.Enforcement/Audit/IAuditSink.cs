namespace AuthzPlugin.Enforcement.Audit;

/// <summary>Where lines of the audit log go besides its file. It never waits and never fails: the file is the record.</summary>
public interface IAuditSink
{
    /// <param name="line">What was written.</param>
    /// <param name="json">Its bytes in the file, with its place in the chain.</param>
    /// <param name="refusal">Something was refused, would have been, or was stopped.</param>
    void Send(AuditLine line, ReadOnlySpan<byte> json, bool refusal);
}
