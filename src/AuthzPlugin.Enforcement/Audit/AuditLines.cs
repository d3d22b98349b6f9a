namespace AuthzPlugin.Enforcement.Audit;

/// <summary>Lines of a stream, one at a time, without their line feeds; a line beyond the limit comes cut off one byte behind it.</summary>
internal sealed class AuditLines(Stream stream)
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private bool _over;

    /// <summary>The next line, valid until the next call; null at the end.</summary>
    public ReadOnlyMemory<byte>? Next()
    {
        var searched = _start;
        while (true)
        {
            var feed = _buffer.AsSpan(searched, _end - searched).IndexOf((byte)'\n');
            if (feed >= 0)
            {
                var line = _buffer.AsMemory(_start, searched + feed - _start);
                _start = searched + feed + 1;
                return Cut(line);
            }

            searched = _end;
            if (_over)
            {
                var rest = _buffer.AsMemory(_start, _end - _start);
                _start = _end;
                // A bare null would be taken for an empty array, and that for a line.
                return rest.IsEmpty ? (ReadOnlyMemory<byte>?)null : Cut(rest);
            }

            searched -= MakeRoom();
            var read = stream.Read(_buffer, _end, _buffer.Length - _end);
            _end += read;
            _over = read == 0;
        }
    }

    private static ReadOnlyMemory<byte> Cut(ReadOnlyMemory<byte> line) =>
        line.Length > AuditTail.MaxLineBytes ? line[..(AuditTail.MaxLineBytes + 1)] : line;

    /// <summary>Returns by how much the content moved to the front.</summary>
    private int MakeRoom()
    {
        var moved = _start;
        if (_end - _start == _buffer.Length)
        {
            if (_buffer.Length > AuditTail.MaxLineBytes)
            {
                // Nobody wrote this here: what is beyond the limit is passed over.
                var passed = _end - (AuditTail.MaxLineBytes + 1);
                _end -= passed;
                return passed;
            }

            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        return moved;
    }
}
