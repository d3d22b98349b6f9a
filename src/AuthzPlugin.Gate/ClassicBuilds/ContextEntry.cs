namespace AuthzPlugin.Gate.ClassicBuilds;

/// <summary>What an entry of the context is to the engine.</summary>
internal enum EntryKind
{
    File,
    Folder,
    SymbolicLink,
    HardLink,

    /// <summary>A device or a pipe.</summary>
    Special,

    /// <summary>A PAX header for all that follows; the engine removes what has its name and makes nothing.</summary>
    GlobalHeader,
}

/// <summary>An entry with everything that headers before it said.</summary>
/// <param name="Path">Clean; one byte in each character.</param>
/// <param name="HasPaxSize">Its size stands in an extended header too.</param>
internal sealed record ContextEntry(TarHeader Header, EntryKind Kind, string Path, bool HasPaxSize)
{
    /// <param name="name">The full name, not yet clean.</param>
    /// <exception cref="ContextException">The type is not one that all readers take alike.</exception>
    public static ContextEntry Of(TarHeader header, string name, bool hasPaxSize)
    {
        var isFolderByName = name.EndsWith('/');
        var kind = header.Type switch
        {
            '\0' when isFolderByName => EntryKind.Folder,
            '0' or '\0' => EntryKind.File,
            '1' => EntryKind.HardLink,
            '2' => EntryKind.SymbolicLink,
            '3' or '4' or '6' => EntryKind.Special,
            '5' => EntryKind.Folder,
            'g' => EntryKind.GlobalHeader,
            'S' => throw new ContextException("has a sparse file, which readers take differently; write it without --sparse"),
            var type => throw new ContextException($"has an entry of an unusual type ({(type is > ' ' and <= '~' ? type.ToString() : ((int)type).ToString(System.Globalization.CultureInfo.InvariantCulture))})"),
        };
        if (kind == EntryKind.File && isFolderByName)
        {
            throw new ContextException("has a file whose name ends with a slash");
        }

        // Such entries have no content to the engine's reader, whatever their header says, and have one to others.
        return kind is not (EntryKind.File or EntryKind.GlobalHeader) && (header.Size != 0 || hasPaxSize)
            ? throw new ContextException("has a link, folder or device with a content")
            : new ContextEntry(header, kind, ContextPath.Clean(name), hasPaxSize);
    }
}
