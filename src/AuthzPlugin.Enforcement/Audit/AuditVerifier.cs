using System.Text.Json;

namespace AuthzPlugin.Enforcement.Audit;

/// <summary>Something that does not fit in the chain.</summary>
/// <param name="Line">In its file, from 1.</param>
/// <param name="Problem">One sentence.</param>
public sealed record AuditFinding(string File, long Line, string Problem);

/// <summary>What a log looks like.</summary>
/// <param name="First">Number of the oldest record that is there.</param>
/// <param name="Head">The end of the chain.</param>
/// <param name="Findings">At most <see cref="AuditVerifier.MostFindings"/>.</param>
/// <param name="Notes">What is no damage but worth knowing.</param>
public sealed record AuditReport(
    long Records, long First, AuditHead Head, IReadOnlyList<AuditFinding> Findings, IReadOnlyList<string> Notes);

/// <summary>Checks the chain of an audit log, file by file, in constant memory. The files may be copies on another machine.</summary>
public sealed class AuditVerifier
{
    public const int MostFindings = 100;

    private readonly List<AuditFinding> _findings = [];
    private readonly List<string> _notes = [];
    private readonly AuditHead? _anchor;
    private AuditHead? _head;
    private AuditHead? _damaged;
    private bool _anchorSeen;
    private long _records;
    private long _first;

    private AuditVerifier(AuditHead? anchor) => _anchor = anchor;

    /// <param name="path">The present file; those that were put aside lie beside it.</param>
    /// <param name="anchor">A head that was kept elsewhere: the log must contain exactly it.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static AuditReport Verify(string path, AuditHead? anchor)
    {
        var verifier = new AuditVerifier(anchor);
        foreach (var file in AuditFiles.OldestFirst(path))
        {
            verifier.ReadFile(file);
        }

        return verifier.Report(path);
    }

    private AuditReport Report(string path)
    {
        if (_damaged is not null)
        {
            _notes.Add("the last line is not whole: the machine stopped while it was written");
        }

        if (_first > 1)
        {
            _notes.Add($"it begins with record {_first}: older files were dropped, as the settings say, or removed");
        }

        var head = _head ?? AuditHead.Start;
        if (_anchor is not null && !_anchorSeen)
        {
            Find(path, 0, _anchor.Sequence > head.Sequence
                ? $"it ends with record {head.Sequence}, but record {_anchor.Sequence} had been written: it was cut short"
                : _anchor.Sequence < _first
                    ? $"record {_anchor.Sequence} is in no file that is left"
                    : $"record {_anchor.Sequence} is not the one of that hash: it was rewritten");
        }

        return new AuditReport(_records, _first, head, _findings, _notes);
    }

    private void ReadFile(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var lines = new AuditLines(stream);
        for (var number = 1L; lines.Next() is { } line; number++)
        {
            if (!line.IsEmpty)
            {
                ReadLine(file, number, line.Span);
            }
        }
    }

    private void ReadLine(string file, long number, ReadOnlySpan<byte> line)
    {
        _records++;
        if (ReadPlace(line) is not var (sequence, previous))
        {
            Damaged(file, number, line);
            return;
        }

        if (_damaged is not null)
        {
            // After a crash the next start names the hash of the half line, and says so in a record.
            _notes.Add($"{file}: line {number - 1} is not whole: the machine stopped while it was written; the chain goes on");
            (_head, _damaged) = (_damaged, null);
        }

        if (_head is null)
        {
            _first = sequence;
            if (sequence == 1 && previous != AuditHead.Start.Hash)
            {
                Find(file, number, "the first record names one before it");
            }
        }
        else if (sequence != _head.Sequence + 1)
        {
            Find(file, number, $"record {sequence} follows record {_head.Sequence}: {(sequence > _head.Sequence ? "records are missing" : "it stood elsewhere")}");
        }
        else if (previous != _head.Hash)
        {
            Find(file, number, $"record {sequence} does not name the hash of the record before it: that one was changed");
        }

        _head = new AuditHead(sequence, AuditHead.HashOf(line));
        _anchorSeen |= _head == _anchor;
    }

    private void Damaged(string file, long number, ReadOnlySpan<byte> line)
    {
        if (_damaged is not null || line.Length > AuditTail.MaxLineBytes)
        {
            Find(file, number, "it is not a record");
        }

        _damaged = (_head ?? AuditHead.Start).Next(line);
    }

    private static (long Sequence, string Previous)? ReadPlace(ReadOnlySpan<byte> line)
    {
        try
        {
            var place = JsonSerializer.Deserialize(line, AuditJson.Default.AuditPlace);
            return place is { Sequence: > 0, Previous: { } previous } ? (place.Sequence, previous) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void Find(string file, long line, string problem)
    {
        if (_findings.Count < MostFindings)
        {
            _findings.Add(new AuditFinding(file, line, problem));
        }
    }
}
