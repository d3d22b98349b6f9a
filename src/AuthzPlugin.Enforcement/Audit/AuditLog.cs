using System.Text.Json;
using AuthzPlugin.Enforcement.Files;
using Microsoft.Win32.SafeHandles;

namespace AuthzPlugin.Enforcement.Audit;

/// <summary>
/// The audit log: one JSON line a record, each chained to the one before by its SHA-256, appended (never rewritten) to a file of mode
/// 0600 that is put aside when it is full. A line is in the kernel before <c>Write</c> returns, so it survives SIGKILL of this process.
/// Safe for concurrent use.
/// </summary>
public sealed class AuditLog : IDisposable
{
    private readonly AuditOptions _options;
    private readonly TimeProvider _time;
    private readonly IReadOnlyList<IAuditSink> _sinks;
    private readonly RefusalFlood _flood;
    private readonly Lock _lock = new();
    private SafeFileHandle _file;
    private AuditHead _head;
    private long _length;
    private bool _unflushed;
    private long _failures;

    /// <summary>Goes on where the log ended. What is wrong with its end becomes a record.</summary>
    /// <exception cref="IOException">The file cannot be opened for appending.</exception>
    public AuditLog(AuditOptions options, TimeProvider time, params IReadOnlyList<IAuditSink> sinks)
    {
        _options = options;
        _time = time;
        _sinks = sinks;
        _flood = new RefusalFlood(time);

        // A folder that is there keeps its rights: it may be /var/log.
        Directory.CreateDirectory(
            Path.GetDirectoryName(Path.GetFullPath(options.Path))!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var tail = AuditTail.Read(options.Path);
        _head = tail.Head;
        _file = Open(options.Path);
        _length = RandomAccess.GetLength(_file);
        if (tail.EndsInLine)
        {
            Append("\n"u8);
        }

        foreach (var problem in (string?[])[tail.Break, MissingSince(tail.Head)])
        {
            if (problem is not null)
            {
                WriteBreak(problem);
                KeepHead();
            }
        }
    }

    /// <summary>The end of the chain.</summary>
    public AuditHead Head
    {
        get
        {
            lock (_lock)
            {
                return _head;
            }
        }
    }

    /// <summary>How many records could not be written since the start.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Everything that was written is on the disk.</summary>
    internal bool IsFlushed
    {
        get
        {
            lock (_lock)
            {
                return !_unflushed;
            }
        }
    }

    /// <summary>One sentence about what is wrong with the files although records are written; null: nothing.</summary>
    public string? Problem { get; private set; }

    /// <summary>Writes the record, unless it is one of a flood of equal refusals, which are counted.</summary>
    /// <exception cref="IOException">The record could not be written; the log is as it was.</exception>
    public void Write(AuditRecord record)
    {
        foreach (var due in _flood.Pass(record))
        {
            WriteOne(due, refusal: due.Answer != "allow");
        }
    }

    /// <exception cref="IOException">The event could not be written; the log is as it was.</exception>
    public void Write(AuditEvent happened) => Write(
        happened,
        head => JsonSerializer.SerializeToUtf8Bytes(
            happened with { Sequence = head.Sequence + 1, Previous = head.Hash }, AuditJson.Default.AuditEvent),
        refusal: false);

    /// <summary>Writes what was counted of floods that are over; all that was counted at the end.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public void WriteCounted(bool all = false)
    {
        foreach (var due in _flood.Due(all))
        {
            WriteOne(due, refusal: true);
        }
    }

    /// <summary>Puts what was written on the disk, and looks whether the file is still there.</summary>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public void Flush()
    {
        lock (_lock)
        {
            if (_unflushed)
            {
                RandomAccess.FlushToDisk(_file);
                _unflushed = false;
            }

            if (!File.Exists(_options.Path))
            {
                Reopen();
                WriteBreak("its file was removed or renamed");
            }
        }
    }

    /// <summary>Keeps the present end of the chain in its own file, so that the next start notices a log that was cut short.</summary>
    /// <exception cref="IOException">It could not be kept.</exception>
    public void KeepHead()
    {
        if (_options.HeadFile is { } file)
        {
            DurableFile.CreateDirectory(Path.GetDirectoryName(file)!);
            DurableFile.Write(file, System.Text.Encoding.ASCII.GetBytes(Head.ToString()));
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _file.Dispose();
        }
    }

    private static SafeFileHandle Open(string path) => File.OpenHandle(
        Create(path), FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);

    // The mode of a new file is only taken by FileStream.
    private static string Create(string path)
    {
        new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.Write,
            Share = FileShare.Read,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }).Dispose();
        return path;
    }

    private string? MissingSince(AuditHead present)
    {
        try
        {
            return _options.HeadFile is { } file && AuditHead.TryParse(File.ReadAllText(file), out var kept) && kept.Sequence >= present.Sequence && kept != present
                ? $"the log ends at {present}, but {kept} had been written"
                : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private void WriteBreak(string problem) => Write(
        AuditEvent.Now(_time, "audit-break", $"the audit log is not as it was left: {problem}; run content-trust audit verify"));

    private void WriteOne(AuditRecord record, bool refusal) => Write(
        record,
        head => JsonSerializer.SerializeToUtf8Bytes(
            record with { Sequence = head.Sequence + 1, Previous = head.Hash }, AuditJson.Default.AuditRecord),
        refusal);

    private void Write(AuditLine line, Func<AuditHead, byte[]> serialize, bool refusal)
    {
        byte[] written;
        try
        {
            written = WriteLine(serialize);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Interlocked.Increment(ref _failures);
            throw;
        }

        foreach (var sink in _sinks)
        {
            sink.Send(line, written, refusal);
        }
    }

    private byte[] WriteLine(Func<AuditHead, byte[]> serialize)
    {
        lock (_lock)
        {
            NoticeChange();
            var written = serialize(_head);
            Append([.. written, (byte)'\n']);
            _head = _head.Next(written);
            if (_options.Flush == TimeSpan.Zero)
            {
                RandomAccess.FlushToDisk(_file);
                _unflushed = false;
            }

            RotateIfFull();
            return written;
        }
    }

    /// <summary>All of it or nothing: what a full disk took of a line is taken back.</summary>
    private void Append(ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(_file, bytes, _length);
            _length += bytes.Length;
            _unflushed = true;
        }
        catch (IOException)
        {
            RandomAccess.SetLength(_file, _length);
            throw;
        }
    }

    /// <summary>Somebody else wrote to the file or cut it. What is there now stays, and the chain says that it is not ours.</summary>
    private void NoticeChange()
    {
        var length = RandomAccess.GetLength(_file);
        if (length == _length)
        {
            return;
        }

        var had = _length;
        _length = length;
        Append("\n"u8);
        WriteBreak($"it had {had} bytes and now has {length}");
    }

    private void RotateIfFull()
    {
        if (_length < _options.MaxBytes)
        {
            return;
        }

        try
        {
            RandomAccess.FlushToDisk(_file);
            AuditFiles.PutAside(_options.Path, _options.Keep);
            Reopen();
            Problem = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The record is written; the file grows on until it can be put aside.
            Problem = $"{_options.Path} is full and cannot be put aside: {e.Message}";
        }
    }

    private void Reopen()
    {
        var next = Open(_options.Path);
        _file.Dispose();
        (_file, _length, _unflushed) = (next, RandomAccess.GetLength(next), false);
    }
}
