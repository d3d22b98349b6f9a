using System.Formats.Tar;
using System.Globalization;
using System.Text;

namespace AuthzPlugin.Gate.Tests.ClassicBuilds;

/// <summary>Makes build contexts: honest ones with the runtime's writer, others byte by byte.</summary>
internal static class TarWriting
{
    public const string Dockerfile = "FROM base\n";

    public static byte[] Archive(params TarEntry[] entries)
    {
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, leaveOpen: true))
        {
            foreach (var entry in entries)
            {
                writer.WriteEntry(entry);
            }
        }

        return stream.ToArray();
    }

    public static TarEntry File(string name, string content = Dockerfile, TarEntryFormat format = TarEntryFormat.Pax) =>
        With(Entry(TarEntryType.RegularFile, name, format), e => e.DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)));

    public static TarEntry Folder(string name) => Entry(TarEntryType.Directory, name, TarEntryFormat.Ustar);

    public static TarEntry Link(string name, string target, TarEntryType type = TarEntryType.SymbolicLink) =>
        With(Entry(type, name, TarEntryFormat.Ustar), e => e.LinkName = target);

    /// <summary>A ustar header with its right checksum, and its content padded.</summary>
    public static byte[] Raw(string name, char type, string content = "", Action<byte[]>? change = null)
    {
        var bytes = Encoding.UTF8.GetBytes(content);
        var block = new byte[512];
        Put(block, 0, name);
        Put(block, 100, "0000644\0");
        Put(block, 124, Convert.ToString(bytes.Length, 8).PadLeft(11, '0') + "\0");
        block[156] = (byte)type;
        Put(block, 257, "ustar\0" + "00");
        change?.Invoke(block);
        Put(block, 148, "        ");
        Put(block, 148, Convert.ToString(block.Sum(b => b), 8).PadLeft(6, '0') + "\0 ");
        return [.. block, .. bytes, .. new byte[(512 - (bytes.Length % 512)) % 512]];
    }

    /// <summary>PAX records with their lengths.</summary>
    public static string Records(params string[] records) => string.Concat(records.Select(record =>
    {
        var length = record.Length + 3;
        while (length.ToString(CultureInfo.InvariantCulture).Length + record.Length + 2 != length)
        {
            length++;
        }

        return $"{length} {record}\n";
    }));

    public static byte[] Join(params byte[][] parts) => [.. parts.SelectMany(p => p), .. new byte[1024]];

    public static void Put(byte[] block, int at, string text) => Encoding.Latin1.GetBytes(text).CopyTo(block, at);

    private static TarEntry Entry(TarEntryType type, string name, TarEntryFormat format) => format switch
    {
        TarEntryFormat.V7 => new V7TarEntry(type == TarEntryType.RegularFile ? TarEntryType.V7RegularFile : type, name),
        TarEntryFormat.Gnu => new GnuTarEntry(type, name),
        TarEntryFormat.Ustar => new UstarTarEntry(type, name),
        _ => new PaxTarEntry(type, name),
    };

    private static TarEntry With(TarEntry entry, Action<TarEntry> change)
    {
        change(entry);
        return entry;
    }
}
