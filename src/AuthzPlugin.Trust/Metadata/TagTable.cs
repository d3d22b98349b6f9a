using System.Text;
using System.Text.Unicode;
using AuthzPlugin.Trust.Json;

namespace AuthzPlugin.Trust.Metadata;

/// <summary>
/// The tags of one file with the sha256 of their manifest, without an object for each: names as UTF-8 one after the other, in ascending
/// order of their bytes. About 36 bytes and the name for a tag; its chains by hash, made when they are first asked for, take 8 to 12 more.
/// Immutable.
/// </summary>
internal sealed class TagTable
{
    private const int UsualTagLength = 128;

    private readonly byte[] _names;
    private readonly int[] _ends;
    private readonly Sha256Hash[] _hashes;
    private readonly HashSet<int> _withoutHash = [];
    private readonly Lazy<HashChains> _chains;

    /// <param name="targets">The object <c>targets</c> of a file.</param>
    /// <exception cref="FormatException">A tag is malformed, or there are more than <paramref name="maxTags"/>.</exception>
    private TagTable(JsonValue targets, int maxTags)
    {
        var (tags, bytes) = Measure(targets, maxTags);
        _names = GC.AllocateUninitializedArray<byte>(bytes);
        _ends = new int[tags];
        _hashes = new Sha256Hash[tags];
        _chains = new Lazy<HashChains>(() => new HashChains(_hashes));
        var (tag, end) = (0, 0);
        foreach (var (name, value) in targets.SortedMembers())
        {
            var text = name.Utf8;
            text.CopyTo(_names.AsSpan(end));
            end += text.Length;
            _ends[tag] = end;
            if (!FileMetaReader.TryReadTag(value, out _hashes[tag]))
            {
                _withoutHash.Add(tag);
            }

            tag++;
        }
    }

    private TagTable()
    {
        (_names, _ends, _hashes) = ([], [], []);
        _chains = new Lazy<HashChains>(() => new HashChains(_hashes));
    }

    internal static TagTable Empty { get; } = new();

    internal int Count => _ends.Length;

    internal static TagTable Read(JsonValue targets, int maxTags) => new(targets, maxTags);

    internal string Tag(int index) => Encoding.UTF8.GetString(Name(index));

    /// <summary>Whether it has the tag. The hash is null where the publisher gave no sha256.</summary>
    internal bool TryFind(string tag, out Sha256Hash? hash)
    {
        var index = IndexOf(tag);
        hash = index >= 0 && !_withoutHash.Contains(index) ? _hashes[index] : null;
        return index >= 0;
    }

    /// <summary>The tags with this hash, in no order.</summary>
    internal List<string> Find(Sha256Hash hash)
    {
        var result = new List<string>();
        for (var i = _chains.Value.First(hash); i >= 0; i = _chains.Value.Next(i))
        {
            if (_hashes[i] == hash && !_withoutHash.Contains(i))
            {
                result.Add(Tag(i));
            }
        }

        return result;
    }

    private static (int Tags, int Bytes) Measure(JsonValue targets, int maxTags)
    {
        var (tags, bytes) = (0, 0);
        foreach (var (name, _) in targets.Members())
        {
            Limit.Check(tags++, maxTags, "tags");
            bytes += name.Utf8.Length;
        }

        return (tags, bytes);
    }

    private int IndexOf(string tag)
    {
        Span<byte> utf8 = tag.Length <= UsualTagLength ? stackalloc byte[3 * UsualTagLength] : new byte[3 * tag.Length];
        if (Utf8.FromUtf16(tag, utf8, out _, out var length, replaceInvalidSequences: false) != System.Buffers.OperationStatus.Done)
        {
            // Half of a surrogate pair, which no name has.
            return -1;
        }

        var (low, high) = (0, Count - 1);
        while (low <= high)
        {
            var middle = low + ((high - low) / 2);
            var order = Name(middle).SequenceCompareTo(utf8[..length]);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }

    private ReadOnlySpan<byte> Name(int index)
    {
        var start = index == 0 ? 0 : _ends[index - 1];
        return _names.AsSpan(start, _ends[index] - start);
    }
}
