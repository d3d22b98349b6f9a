using System.Security.Cryptography;

namespace AuthzPlugin.Trust.Sigstore;

/// <summary>Merkle trees of transparency logs with SHA-256 (RFC 6962 2.1).</summary>
internal static class MerkleTree
{
    internal const int HashSize = 32;

    /// <summary>A tree of 2^63 leaves has no longer path.</summary>
    internal const int MaxPath = 63;

    internal static byte[] HashLeaf(ReadOnlySpan<byte> leaf) => SHA256.HashData([0, .. leaf]);

    internal static byte[] HashNode(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => SHA256.HashData([1, .. left, .. right]);

    /// <summary>The root that a path leads to (RFC 9162 2.1.3.2); null when the path does not fit the tree.</summary>
    internal static byte[]? RootOf(long index, long size, byte[] leafHash, IReadOnlyList<byte[]> path)
    {
        if (index < 0 || index >= size)
        {
            return null;
        }

        var (node, last, root) = (index, size - 1, leafHash);
        foreach (var sibling in path)
        {
            if (last == 0 || sibling.Length != HashSize)
            {
                return null;
            }

            if ((node & 1) == 1 || node == last)
            {
                root = HashNode(sibling, root);
                while ((node & 1) == 0 && node != 0)
                {
                    (node, last) = (node >> 1, last >> 1);
                }
            }
            else
            {
                root = HashNode(root, sibling);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        return last == 0 ? root : null;
    }
}
