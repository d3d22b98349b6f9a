using System.Text;

namespace AuthzPlugin.Proof;

/// <summary>Makes new inputs from good ones: a few edits of bytes, pieces and numbers, or a mix of two.</summary>
internal sealed class Mutator(Random random)
{
    private static readonly byte[][] Pieces =
    [
        .. new[]
        {
            "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u0000", "\\ud800", "\\\"", "null", "true", "-", "0", "1e9", "1.0", "-0", "9007199254740993",
            "99999999999999999999", "9223372036854775807", " ", "\n", "\t", "/", "..", "//", "%2F", "%", "?", "&", "=", "#", "@", "*", "sha256:",
            "latest", "é", "\u2028", "\0", "{}", "[]", "\"signed\":", "\"_type\":", "targets/releases", "builder", "content-trust", "mode",
        }.Select(Encoding.UTF8.GetBytes),
        [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xef, 0xbb, 0xbf],
    ];

    internal byte[] Next(IReadOnlyList<byte[]> seeds)
    {
        var result = seeds[random.Next(seeds.Count)];
        if (random.Next(20) == 0)
        {
            var other = seeds[random.Next(seeds.Count)];
            result = [.. result.AsSpan(0, random.Next(result.Length + 1)), .. other.AsSpan(random.Next(other.Length + 1))];
        }

        for (var edits = random.Next(1, 7); edits > 0; edits--)
        {
            result = Edit(result);
        }

        return result;
    }

    private byte[] Edit(byte[] input)
    {
        var at = random.Next(input.Length + 1);
        var length = Math.Min(input.Length - at, random.Next(4) == 0 ? random.Next(200) : random.Next(4));
        return random.Next(6) switch
        {
            0 => [.. input.AsSpan(0, at), .. input.AsSpan(at + length)],
            1 => [.. input.AsSpan(0, at), .. Piece(), .. input.AsSpan(at)],
            2 => [.. input.AsSpan(0, at), .. Piece(), .. input.AsSpan(at + length)],
            3 => [.. input.AsSpan(0, at + length), .. input.AsSpan(at)],
            4 => [.. input.AsSpan(0, at), (byte)random.Next(256), .. input.AsSpan(Math.Min(at + 1, input.Length))],
            _ => Flip(input, at),
        };
    }

    private byte[] Piece() => Pieces[random.Next(Pieces.Length)];

    private byte[] Flip(byte[] input, int at)
    {
        byte[] result = [.. input];
        if (at < result.Length)
        {
            result[at] ^= (byte)(1 << random.Next(8));
        }

        return result;
    }
}
