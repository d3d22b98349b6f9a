using System.Text;
using AuthzPlugin.Gate.Proxy;

namespace AuthzPlugin.Gate.Tests.Proxy;

/// <summary>The chunked coding, in pieces of any size.</summary>
public sealed class ChunkScannerTests
{
    [Fact]
    public void Content_is_the_same_however_the_bytes_come()
    {
        var random = new Random(4711);
        for (var round = 0; round < 500; round++)
        {
            var content = new byte[random.Next(2000)];
            random.NextBytes(content);
            var wire = Encode(content, random);
            var scanner = new ChunkScanner();
            var decoded = new List<byte>();
            var position = 0;
            while (!scanner.IsDone)
            {
                var piece = wire.AsSpan(position, Math.Min(random.Next(1, 40), wire.Length - position));
                var consumed = scanner.Scan(piece, out var data);
                decoded.AddRange(piece[data]);
                position += consumed;
            }

            Assert.Equal(content, decoded);
            Assert.Equal("next"u8, wire.AsSpan(position));
        }
    }

    [Theory]
    [InlineData("bare LF after the size", "1\na\r\n0\r\n\r\n")]
    [InlineData("bare LF after the data", "1\r\na\n0\r\n\r\n")]
    [InlineData("CR alone", "1\r\r\na\r\n0\r\n\r\n")]
    [InlineData("extension", "1;x=y\r\na\r\n0\r\n\r\n")]
    [InlineData("white space", "1 \r\na\r\n0\r\n\r\n")]
    [InlineData("sign", "+1\r\na\r\n0\r\n\r\n")]
    [InlineData("0x", "0x1\r\na\r\n0\r\n\r\n")]
    [InlineData("empty size", "\r\na\r\n0\r\n\r\n")]
    [InlineData("more data than the size", "1\r\nab\r\n0\r\n\r\n")]
    [InlineData("size beyond 64 bits", "fffffffffffffffff\r\na\r\n0\r\n\r\n")]
    [InlineData("endless size", "LONG")]
    [InlineData("endless trailers", "TRAILERS")]
    public void What_readers_take_differently_is_refused(string name, string wire)
    {
        wire = wire switch
        {
            "LONG" => new string('0', 5000),
            "TRAILERS" => "0\r\n" + string.Concat(Enumerable.Repeat("A: 12345678901234567890\r\n", 1000)) + "\r\n",
            _ => wire,
        };
        var scanner = new ChunkScanner();

        Assert.True(Record.Exception(() => ScanAll(scanner, Encoding.Latin1.GetBytes(wire))) is WireException, name);
    }

    private static void ScanAll(ChunkScanner scanner, ReadOnlySpan<byte> wire)
    {
        while (!wire.IsEmpty && !scanner.IsDone)
        {
            wire = wire[scanner.Scan(wire, out _)..];
        }
    }

    private static byte[] Encode(byte[] content, Random random)
    {
        var wire = new List<byte>();
        for (var at = 0; at < content.Length;)
        {
            var size = random.Next(1, 300);
            size = Math.Min(size, content.Length - at);
            wire.AddRange(Encoding.ASCII.GetBytes(random.Next(2) == 0 ? $"{size:x}\r\n" : $"{size:X4}\r\n"));
            wire.AddRange(content.AsSpan(at, size));
            wire.AddRange("\r\n"u8);
            at += size;
        }

        wire.AddRange("0\r\nX-Trailer: a\r\n\r\nnext"u8);
        return [.. wire];
    }
}
