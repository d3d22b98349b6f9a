using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace AuthzPlugin.Enforcement.Audit;

/// <summary>
/// The audit log: one JSON line a record, appended (never rewritten) to a file of mode 0600. A line is in the kernel before
/// <c>Write</c> returns, so it survives SIGKILL of this process.
/// </summary>
public sealed class AuditLog : IDisposable
{
    private readonly FileStream _file;
    private readonly Lock _lock = new();
    private bool _torn;

    /// <exception cref="IOException">The file cannot be opened for appending.</exception>
    public AuditLog(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Append,
            Access = FileAccess.Write,
            Share = FileShare.Read,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
    }

    /// <exception cref="IOException">The record could not be written, wholly or in part.</exception>
    public void Write(AuditRecord record) => Write(record, AuditJson.Default.AuditRecord);

    /// <exception cref="IOException">The event could not be written, wholly or in part.</exception>
    public void Write(AuditEvent happened) => Write(happened, AuditJson.Default.AuditEvent);

    private void Write<T>(T record, JsonTypeInfo<T> type)
    {
        using var line = new MemoryStream(1024);
        JsonSerializer.Serialize(line, record, type);
        line.WriteByte((byte)'\n');
        lock (_lock)
        {
            if (_torn)
            {
                // A full disk may have taken half a line: what follows must not continue it.
                _file.WriteByte((byte)'\n');
            }

            _torn = true;
            _file.Write(line.GetBuffer(), 0, (int)line.Length);
            _torn = false;
        }
    }

    public void Dispose() => _file.Dispose();
}
