using System.Security.Cryptography;

namespace AuthzPlugin.Trust.Metadata;

/// <summary>What a parent signed about a file: its length and its hashes over the raw bytes (notary-v1.md 2.1).</summary>
/// <param name="Length">Length in bytes, not negative. Only a cap: the hashes decide.</param>
/// <param name="Sha256">Null when the parent gives none.</param>
/// <param name="Sha512">64 bytes; empty when the parent gives none.</param>
public sealed record FileMeta(long Length, Sha256Hash? Sha256, ReadOnlyMemory<byte> Sha512)
{
    /// <summary>Whether it names a hash that is known here. Without one nothing can match.</summary>
    public bool HasHash => Sha256 is not null || !Sha512.IsEmpty;

    /// <summary>Every known hash must match, and there must be one (Notary 0.7 client, CheckHashes). Unknown ones say nothing.</summary>
    public bool Matches(ReadOnlySpan<byte> file) =>
        HasHash
        && (Sha256 is not { } sha256 || Sha256Hash.Of(file) == sha256)
        && (Sha512.IsEmpty || Sha512.Span.SequenceEqual(SHA512.HashData(file)));

    public bool Equals(FileMeta? other) =>
        other is not null && Length == other.Length && Sha256 == other.Sha256 && Sha512.Span.SequenceEqual(other.Sha512.Span);

    public override int GetHashCode() => HashCode.Combine(Length, Sha256);
}
