using System.Runtime.InteropServices;
using AuthzPlugin.Trust.Metadata;

namespace AuthzPlugin.Trust.Verification;

/// <summary>
/// Tags by digest. Tags of one digest form a chain through an array, so that neither many digests nor many tags of one digest cost
/// more than their number.
/// </summary>
internal sealed class TagIndex
{
    private readonly Dictionary<Sha256Hash, int> _heads;
    private readonly (string Tag, int Next)[] _entries;

    internal TagIndex(IReadOnlyCollection<(string Tag, Sha256Hash Hash)> tags)
    {
        _heads = new Dictionary<Sha256Hash, int>(tags.Count);
        _entries = new (string, int)[tags.Count];
        var i = 0;
        foreach (var (tag, hash) in tags)
        {
            ref var head = ref CollectionsMarshal.GetValueRefOrAddDefault(_heads, hash, out var exists);
            _entries[i] = (tag, exists ? head : -1);
            head = i++;
        }
    }

    internal int Count => _entries.Length;

    /// <summary>The tags of a digest, in ordinal order.</summary>
    internal List<string> Find(Sha256Hash hash)
    {
        var result = new List<string>();
        for (var i = _heads.GetValueOrDefault(hash, -1); i >= 0; i = _entries[i].Next)
        {
            result.Add(_entries[i].Tag);
        }

        result.Sort(StringComparer.Ordinal);
        return result;
    }
}
