using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace AuthzPlugin.Trust.References;

/// <summary>
/// A sha256 content digest: of a manifest or index (what a publisher signs), or of an image configuration
/// (the classic image store's image id). Only <c>sha256:</c> followed by 64 lower-case hex digits exists here;
/// the OCI image specification allows other algorithms, Notary v1 and the engine use this one.
/// </summary>
public sealed record Digest
{
    /// <summary>Length of the hex part, in characters.</summary>
    public const int HexLength = 64;

    private const string Prefix = "sha256:";

    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    private Digest(string hex) => Hex = hex;

    /// <summary>The 64 lower-case hex digits.</summary>
    public string Hex { get; }

    /// <summary>Reads <c>sha256:HEX</c> exactly; anything else is no digest.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Digest? digest)
    {
        digest = null;
        return text is not null && text.StartsWith(Prefix, StringComparison.Ordinal) && TryFromHex(text[Prefix.Length..], out digest);
    }

    /// <summary>Reads 64 lower-case hex digits without a prefix.</summary>
    public static bool TryFromHex([NotNullWhen(true)] string? hex, [NotNullWhen(true)] out Digest? digest)
    {
        digest = IsLowerHex(hex, HexLength) ? new Digest(hex) : null;
        return digest is not null;
    }

    /// <summary>Wraps the 32 bytes of a SHA-256 value.</summary>
    /// <exception cref="ArgumentException">The span is not 32 bytes long.</exception>
    public static Digest FromHash(ReadOnlySpan<byte> sha256)
    {
        if (sha256.Length != HexLength / 2)
        {
            throw new ArgumentException("a sha256 value has 32 bytes", nameof(sha256));
        }

        return new Digest(Convert.ToHexStringLower(sha256));
    }

    /// <summary>Whether the text is exactly <paramref name="length"/> lower-case hex digits.</summary>
    public static bool IsLowerHex([NotNullWhen(true)] string? text, int length) =>
        text is not null && text.Length == length && !text.AsSpan().ContainsAnyExcept(LowerHex);

    public override string ToString() => Prefix + Hex;
}
