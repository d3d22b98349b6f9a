using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Audit;

/// <summary>The end of the chain: the number of a line and its hash. Kept elsewhere, it shows that nothing up to it was changed or cut off.</summary>
/// <param name="Sequence">0 before the first line.</param>
/// <param name="Hash">SHA-256 of the line without its line feed, lower-case hex.</param>
public sealed record AuditHead(long Sequence, string Hash)
{
    public static AuditHead Start { get; } = new(0, new string('0', Digest.HexLength));

    /// <summary>The head after this line.</summary>
    public AuditHead Next(ReadOnlySpan<byte> line) => new(Sequence + 1, HashOf(line));

    public static string HashOf(ReadOnlySpan<byte> line) => Convert.ToHexStringLower(SHA256.HashData(line));

    /// <summary>Reads <c>SEQ:HASH</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out AuditHead? head)
    {
        head = text.Split(':') is [var number, var hash]
            && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) && Digest.IsLowerHex(hash, Digest.HexLength)
                ? new AuditHead(sequence, hash)
                : null;
        return head is not null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Sequence}:{Hash}");
}
