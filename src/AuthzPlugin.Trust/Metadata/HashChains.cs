using System.Numerics;

namespace AuthzPlugin.Trust.Metadata;

/// <summary>
/// Finds the positions of a hash in an array. Hashes of one bucket form a chain through a second array: a publisher who chooses them alike
/// makes a look-up walk as far as the array is long, and no further.
/// </summary>
internal sealed class HashChains
{
    private readonly int[] _first;
    private readonly int[] _next;

    internal HashChains(ReadOnlySpan<Sha256Hash> hashes)
    {
        _first = new int[BitOperations.RoundUpToPowerOf2((uint)Math.Max(hashes.Length, 1))];
        _next = GC.AllocateUninitializedArray<int>(hashes.Length);
        Array.Fill(_first, -1);
        for (var i = 0; i < hashes.Length; i++)
        {
            ref var first = ref _first[BucketOf(hashes[i])];
            _next[i] = first;
            first = i;
        }
    }

    /// <summary>Where the chain of the hash's bucket begins; -1 when it is empty. Other hashes may be in it.</summary>
    internal int First(Sha256Hash hash) => _first[BucketOf(hash)];

    /// <summary>The next position in the chain; -1 at its end.</summary>
    internal int Next(int position) => _next[position];

    private long BucketOf(in Sha256Hash hash) => hash.LowBits & (uint)(_first.Length - 1);
}
