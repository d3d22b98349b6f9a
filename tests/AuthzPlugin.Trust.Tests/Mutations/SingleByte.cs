namespace AuthzPlugin.Trust.Tests.Mutations;

/// <summary>Changes one byte of a file: flips a bit, puts one in, takes one out, or writes a character that has a meaning there.</summary>
internal static class SingleByte
{
    private static readonly byte[] Structural = [.. "{}[]:,\"\\ \n\t0129-+.eEuntfals/=A"u8, 0x00, 0x7f, 0x80, 0xc3, 0xff];

    /// <summary>The mutation of this number: numbers walk through the file again and again, so that every byte has its turn.</summary>
    internal static byte[] Of(byte[] file, int number, Random random)
    {
        var at = number % file.Length;
        return random.Next(5) switch
        {
            0 => Replace(file, at, (byte)(file[at] ^ (1 << random.Next(8)))),
            1 => Replace(file, at, Structural[random.Next(Structural.Length)]),
            2 => [.. file.AsSpan(0, at), Structural[random.Next(Structural.Length)], .. file.AsSpan(at)],
            3 => [.. file.AsSpan(0, at), .. file.AsSpan(at + 1)],
            _ => [.. file.AsSpan(0, at + 1), .. file.AsSpan(at)],
        };
    }

    private static byte[] Replace(byte[] file, int at, byte value)
    {
        byte[] result = [.. file];
        result[at] = value;
        return result;
    }
}
