namespace AuthzPlugin.Gate.Http2;

/// <summary>
/// The static Huffman code of HPACK (RFC 7541, appendix B). The code is canonical: the lengths alone give it, so the lengths are what is
/// written here.
/// </summary>
internal static class HuffmanCode
{
    // The bits of the code of each byte, 'A' for five.
    private const string Lengths =
        "ISXXXXXXXTZXXZXXXXXXXXZXXXXXXXXXBFFHIBDGFFDGDBBBAAABBBBBBBCDKBHFIBCCCCCCCCCCCCCCCCCCCCCCDCDIOIJBKABABABBBACCBBBABCBAABCCCCCKGJIX"
        + "PRPPRRRSRSSSSSTSTTRSTSSSSQRSRSSTRQPRRSSQSRRTQRSSQQRQSRSSPRRRSRRSVVPORSRUVVVWWVTUOQVWWVWTQQVVXWWWPTPQRQQSRRUUTTVSVWVVWWWWWXWWWWWV";

    private const int Shortest = 5;
    private const int Longest = 30;

    private static readonly byte[] Symbols = [.. Enumerable.Range(0, 256).OrderBy(s => Lengths[s]).ThenBy(s => s).Select(s => (byte)s)];
    private static readonly int[] Counts = [.. Enumerable.Range(0, Longest + 1).Select(bits => Lengths.Count(c => c - 'A' + Shortest == bits))];

    /// <summary>The bytes that the code stands for; false when it is not one, when its padding is not the beginning of the end symbol, or when there are more than fit.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> code, Span<byte> text, out int written)
    {
        written = 0;
        int value = 0, bits = 0, first = 0, index = 0;
        var ones = true;
        for (var i = 0; i < code.Length * 8; i++)
        {
            var bit = (code[i >> 3] >> (7 - (i & 7))) & 1;
            ones &= bit == 1;
            value = (value << 1) | bit;
            first <<= 1;
            bits++;
            if (bits > Longest)
            {
                return false;
            }

            if (value - first < Counts[bits])
            {
                if (written == text.Length)
                {
                    return false;
                }

                text[written++] = Symbols[index + value - first];
                (value, bits, first, index, ones) = (0, 0, 0, 0, true);
            }
            else
            {
                index += Counts[bits];
                first += Counts[bits];
            }
        }

        return bits < 8 && ones;
    }
}
