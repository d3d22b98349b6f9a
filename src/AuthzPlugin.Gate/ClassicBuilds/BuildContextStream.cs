using System.Text;
using AuthzPlugin.Gate.Proxy;

namespace AuthzPlugin.Gate.ClassicBuilds;

/// <summary>What must stand in place of a Dockerfile's content, or why not.</summary>
/// <exception cref="BuildRefusedException">The build is refused.</exception>
internal delegate Task<byte[]> DockerfilePinner(ReadOnlyMemory<byte> content, CancellationToken cancellation);

/// <summary>
/// A build context on its way to the engine: every entry goes on byte for byte and in constant memory, but for the Dockerfile, whose
/// content is decided and pinned. The end comes only when it is certain that the engine will read that very file.
/// </summary>
/// <remarks>Reading throws <see cref="ContextException"/> and <see cref="BuildRefusedException"/>; nothing more can be read then.</remarks>
internal sealed class BuildContextStream(Stream source, DockerfileWatch watch, int maxDockerfile, DockerfilePinner pin) : ForwardStream
{
    /// <summary>Most bytes of one extended header.</summary>
    public const int MaxExtendedHeader = 1024 * 1024;

    /// <summary>Most bytes that are read after the end of the archive. Tar programs fill up their last record.</summary>
    private const int MaxTrailing = 1024 * 1024;

    private readonly TarReader _tar = new(source);
    private readonly MemoryStream _held = new();
    private ReadOnlyMemory<byte> _pending;
    private long _contentLeft;
    private bool _first = true;
    private bool _ended;
    private PaxRecords? _pax;
    private string? _longName;
    private string? _longLink;

    /// <summary>Called once everything was seen, before the engine gets the end; what it throws refuses the build.</summary>
    public Action? BeforeEnd { get; set; }

    /// <summary>What reading threw.</summary>
    public Exception? Failure { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return Failure is null
                ? await ReadOnAsync(buffer, cancellationToken).ConfigureAwait(false)
                : throw new IOException("the build context was refused", Failure);
        }
        catch (InvalidDataException)
        {
            throw Failure = new ContextException("is damaged inside its compression");
        }
        catch (Exception e) when (e is ContextException or BuildRefusedException)
        {
            Failure ??= e;
            throw;
        }
    }

    private async ValueTask<int> ReadOnAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (_pending.IsEmpty && _contentLeft == 0 && !_ended)
        {
            await NextEntryAsync(cancellationToken).ConfigureAwait(false);
        }

        if (!_pending.IsEmpty)
        {
            var count = Math.Min(_pending.Length, buffer.Length);
            _pending[..count].CopyTo(buffer);
            _pending = _pending[count..];
            return count;
        }

        if (_contentLeft == 0)
        {
            return 0;
        }

        var read = await _tar.PieceAsync(buffer[..(int)Math.Min(buffer.Length, _contentLeft)], cancellationToken).ConfigureAwait(false);
        _contentLeft -= read;
        return read;
    }

    private async ValueTask NextEntryAsync(CancellationToken cancellation)
    {
        var block = await _tar.BlockAsync(cancellation).ConfigureAwait(false);
        if (block.IsEmpty || !block.Span.ContainsAnyExcept((byte)0))
        {
            await EndAsync(block.IsEmpty, cancellation).ConfigureAwait(false);
            return;
        }

        // The engine looks at the first bytes of what it gets, whatever they were before.
        if (_first && Compression.NameOf(block.Span) is not null)
        {
            throw new ContextException("begins like something compressed inside its compression");
        }

        _first = false;
        var header = TarHeader.Read(block.Span);
        if (header.Type is 'x' or 'L' or 'K')
        {
            await HoldAsync(header, cancellation).ConfigureAwait(false);
            return;
        }

        await EntryAsync(header, cancellation).ConfigureAwait(false);
    }

    private async ValueTask EndAsync(bool isCut, CancellationToken cancellation)
    {
        if (_held.Length > 0)
        {
            throw new ContextException("ends after an extended header");
        }

        if (!isCut)
        {
            var second = await _tar.BlockAsync(cancellation).ConfigureAwait(false);
            if (second.Span.ContainsAnyExcept((byte)0))
            {
                throw new ContextException("goes on after an empty block");
            }
        }

        watch.End();
        await _tar.DrainAsync(MaxTrailing, cancellation).ConfigureAwait(false);
        BeforeEnd?.Invoke();
        _pending = new byte[2 * TarHeader.BlockSize];
        _ended = true;
    }

    /// <summary>Keeps a header that speaks of the next entry until that is known.</summary>
    private async ValueTask HoldAsync(TarHeader header, CancellationToken cancellation)
    {
        var content = await ExtendedAsync(header, cancellation).ConfigureAwait(false);
        var text = content.AsMemory(0, (int)header.Size);
        switch (header.Type)
        {
            case 'x' when _pax is null:
                _pax = PaxRecords.Read(text.Span);
                break;
            case 'L' when _longName is null:
                _longName = LongText(text.Span);
                break;
            case 'K' when _longLink is null:
                _longLink = LongText(text.Span);
                break;
            default:
                throw new ContextException("has two extended headers of one kind before an entry");
        }

        _held.Write(header.Block.Span);
        _held.Write(content);
    }

    private async ValueTask<byte[]> ExtendedAsync(TarHeader header, CancellationToken cancellation) =>
        header.Size is > 0 and <= MaxExtendedHeader
            ? await _tar.ContentAsync((int)header.Size, cancellation).ConfigureAwait(false)
            : throw new ContextException($"has an extended header that is empty or larger than {MaxExtendedHeader} bytes");

    /// <summary>GNU writes a zero byte after it; more would end the name earlier for some readers.</summary>
    private static string LongText(ReadOnlySpan<byte> text)
    {
        text = text[^1] == 0 ? text[..^1] : text;
        return text.IsEmpty || text.Contains((byte)0)
            ? throw new ContextException("has a long name that is empty or has a zero byte in it")
            : Encoding.Latin1.GetString(text);
    }

    private async ValueTask EntryAsync(TarHeader header, CancellationToken cancellation)
    {
        if ((_longName is not null && _pax?.Path is not null) || (_longLink is not null && _pax?.Link is not null))
        {
            throw new ContextException("has an entry with two long names");
        }

        var entry = ContextEntry.Of(header, _longName ?? _pax?.Path ?? header.Name, _pax?.HasSize ?? false);
        if (entry.Kind == EntryKind.GlobalHeader)
        {
            await GlobalAsync(entry, cancellation).ConfigureAwait(false);
            return;
        }

        if (entry.HasPaxSize)
        {
            throw new ContextException("has an entry of 8 GiB or more, with its size in an extended header");
        }

        var use = watch.Look(entry);
        if (use == EntryUse.Pass)
        {
            Emit(header.Block.Span, []);
            _contentLeft = entry.Kind == EntryKind.File ? TarHeader.Padded(header.Size) : 0;
            return;
        }

        var pinned = await PinAsync(header, use, cancellation).ConfigureAwait(false);
        Emit(header.WithSize(pinned.Length).Block.Span, pinned);
    }

    /// <summary>What the engine's reader takes for all that follows must say nothing about names.</summary>
    private async ValueTask GlobalAsync(ContextEntry entry, CancellationToken cancellation)
    {
        if (_held.Length > 0)
        {
            throw new ContextException("has a global header after an extended one");
        }

        var content = await ExtendedAsync(entry.Header, cancellation).ConfigureAwait(false);
        if (PaxRecords.Read(content.AsSpan(0, (int)entry.Header.Size)) is not { Path: null, Link: null, HasSize: false })
        {
            throw new ContextException("has a global header that gives names or sizes");
        }

        _ = watch.Look(entry);
        Emit(entry.Header.Block.Span, content);
    }

    private async ValueTask<byte[]> PinAsync(TarHeader header, EntryUse use, CancellationToken cancellation)
    {
        if (header.Size > maxDockerfile)
        {
            throw new ContextException($"has a {watch.Shown} of more than {maxDockerfile} bytes");
        }

        var content = await _tar.ContentAsync((int)header.Size, cancellation).ConfigureAwait(false);
        var file = content.AsMemory(0, (int)header.Size);
        try
        {
            return await pin(file, cancellation).ConfigureAwait(false);
        }
        catch (BuildRefusedException e) when (use == EntryUse.FallBack)
        {
            // Perhaps the engine will not read it: a Dockerfile with a capital letter may follow.
            watch.FallBackRefused(e);
            return file.ToArray();
        }
    }

    private void Emit(ReadOnlySpan<byte> header, ReadOnlySpan<byte> content)
    {
        _held.Write(header);
        _held.Write(content);
        _held.Write(new byte[(int)(TarHeader.Padded(content.Length) - content.Length)]);
        _pending = _held.ToArray();
        _held.SetLength(0);
        (_pax, _longName, _longLink) = (null, null, null);
    }
}
