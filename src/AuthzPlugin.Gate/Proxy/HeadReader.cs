namespace AuthzPlugin.Gate.Proxy;

/// <summary>Takes whole heads off a connection, within the bounds of <see cref="WireLimits"/>.</summary>
internal static class HeadReader
{
    /// <summary>The next request; null when the connection ended before its first byte.</summary>
    /// <param name="timeLimit">From the first byte of the head to its last.</param>
    /// <exception cref="WireException">It is refused.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public static async ValueTask<RequestHead?> ReadRequestAsync(
        SocketReader reader, TimeSpan timeLimit, TimeProvider time, CancellationToken cancellation)
    {
        await reader.SettleAsync(cancellation).ConfigureAwait(false);
        if (reader.Available.IsEmpty && !await reader.FillAsync(cancellation).ConfigureAwait(false))
        {
            return null;
        }

        var length = FindEnd(reader.Available.Span, 0);
        if (length == 0)
        {
            length = await FillHeadAsync(reader, timeLimit, time, cancellation).ConfigureAwait(false);
        }

        var head = HeadParser.ParseRequest(reader.Available.Span[..length]);
        reader.Consume(length);
        return head;
    }

    /// <exception cref="IOException">The connection broke or ended, or what came is no answer.</exception>
    public static async ValueTask<ResponseHead> ReadResponseAsync(SocketReader reader, CancellationToken cancellation)
    {
        var length = 0;
        var seen = 0;
        while ((length = FindEnd(reader.Available.Span, seen)) == 0)
        {
            seen = reader.Available.Length;
            if (!await reader.FillAsync(cancellation).ConfigureAwait(false))
            {
                throw new EndOfStreamException("the engine ended the connection without an answer");
            }
        }

        var head = HeadParser.ParseResponse(reader.Available.Span[..length]);
        reader.Consume(length);
        return head;
    }

    private static async ValueTask<int> FillHeadAsync(SocketReader reader, TimeSpan timeLimit, TimeProvider time, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(timeLimit, time);
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timer.Token);
        try
        {
            var length = 0;
            var seen = 0;
            while ((length = FindEnd(reader.Available.Span, seen)) == 0)
            {
                seen = reader.Available.Length;
                if (!await reader.FillAsync(budget.Token).ConfigureAwait(false))
                {
                    throw new EndOfStreamException("the connection ended within a head");
                }
            }

            return length;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            const int RequestTimeout = 408;
            throw new WireException($"did not come to its end in {timeLimit.TotalSeconds:0} s", RequestTimeout);
        }
    }

    /// <summary>Length of the head with its empty line, or 0 when it is not whole.</summary>
    /// <param name="seen">So many bytes were looked at before.</param>
    private static int FindEnd(ReadOnlySpan<byte> bytes, int seen)
    {
        // A line that no head can have is refused before its end: it may never come.
        if (bytes.Length > 0 && !char.IsAsciiLetterUpper((char)bytes[0]))
        {
            throw new WireException("does not begin like HTTP/1.1");
        }

        var from = Math.Max(0, seen - 1);
        int next;
        while ((next = bytes[from..].IndexOf((byte)'\n')) >= 0)
        {
            from += next + 1;
            if (from < 2 || bytes[from - 2] != '\r')
            {
                throw new WireException("has a line that does not end in CR LF");
            }

            if (from >= 4 && bytes[from - 3] == '\n')
            {
                return from;
            }
        }

        return bytes.Length <= WireLimits.HeadBytes ? 0 : throw new WireException("has a head that is too long", 431);
    }
}
