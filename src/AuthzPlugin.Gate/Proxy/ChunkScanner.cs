using System.Globalization;

namespace AuthzPlugin.Gate.Proxy;

/// <summary>
/// Follows the chunked coding (RFC 9112 7.1) over bytes in whatever pieces they come, and says which of them are data and where it
/// ends. Takes what every reader reads alike: sizes in hex digits, no extensions, lines that end in CR LF, bounded trailers.
/// </summary>
internal sealed class ChunkScanner
{
    private readonly byte[] _line = new byte[WireLimits.ChunkLineBytes];
    private int _lineLength;
    private int _trailerBytes;
    private long _left;
    private State _state = State.Size;

    private enum State
    {
        Size,
        Data,
        DataEnd,
        Trailer,
        Done,
    }

    /// <summary>The last line was seen; what follows belongs to the next message.</summary>
    public bool IsDone => _state == State.Done;

    /// <summary>
    /// Consumes bytes up to the end of one run of data, of the body, or of the input. <paramref name="data"/> is the part of them
    /// that is data. Returns how many were consumed: all, unless data or the body ended before.
    /// </summary>
    /// <exception cref="WireException">It is not the chunked coding.</exception>
    public int Scan(ReadOnlySpan<byte> input, out Range data)
    {
        data = 0..0;
        var position = 0;
        while (position < input.Length && !IsDone)
        {
            if (_state == State.Data)
            {
                var count = (int)Math.Min(_left, input.Length - position);
                data = position..(position + count);
                _left -= count;
                _state = _left == 0 ? State.DataEnd : State.Data;
                return position + count;
            }

            if (TakeLineByte(input[position++]))
            {
                EndLine();
            }
        }

        return position;
    }

    /// <summary>True when the byte ends a line, which is then in <see cref="_line"/> without its CR LF.</summary>
    private bool TakeLineByte(byte value)
    {
        var afterReturn = _lineLength > 0 && _line[_lineLength - 1] == '\r';
        if (value == '\n')
        {
            Require(afterReturn, "has a chunk line that does not end in CR LF");
            _lineLength--;
            return true;
        }

        Require(!afterReturn, "has a chunk line that does not end in CR LF");
        Require(_lineLength < _line.Length, "has a chunk line that is too long");
        _line[_lineLength++] = value;
        return false;
    }

    private void EndLine()
    {
        var line = _line.AsSpan(0, _lineLength);
        _lineLength = 0;
        if (_state == State.Size)
        {
            Require(
                line.Length is > 0 and <= WireLimits.ChunkSizeDigits
                && long.TryParse(line, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _left),
                "has a chunk size that is no hex number");
            _state = _left == 0 ? State.Trailer : State.Data;
        }
        else if (_state == State.DataEnd)
        {
            Require(line.IsEmpty, "has a chunk that is longer than its size");
            _state = State.Size;
        }
        else
        {
            _trailerBytes += line.Length;
            Require(_trailerBytes <= WireLimits.TrailerBytes, "has trailers that are too long");
            _state = line.IsEmpty ? State.Done : State.Trailer;
        }
    }

    private static void Require(bool held, string problem)
    {
        if (!held)
        {
            throw new WireException(problem);
        }
    }
}
