using System.Buffers;
using System.Text;
using AuthzPlugin.Gate.Proxy;

namespace AuthzPlugin.Gate.Http2;

/// <summary>
/// Writes header blocks without state: every field in full, none remembered by the peer (RFC 7541, section 6.2.2). A local socket has no
/// need for compression, and secrets in headers leave no trace in a table.
/// </summary>
internal static class HpackEncoder
{
    public static byte[] Encode(IEnumerable<HeaderField> fields)
    {
        var block = new ArrayBufferWriter<byte>(1024);
        foreach (var field in fields)
        {
            block.Write("\0"u8);
            WriteText(block, field.Name);
            WriteText(block, field.Value);
        }

        return block.WrittenSpan.ToArray();
    }

    private static void WriteText(ArrayBufferWriter<byte> block, string text)
    {
        WriteLength(block, text.Length);
        Encoding.Latin1.GetBytes(text, block);
    }

    private static void WriteLength(ArrayBufferWriter<byte> block, int length)
    {
        const int Prefix = 0x7f;
        if (length < Prefix)
        {
            block.Write((ReadOnlySpan<byte>)[(byte)length]);
            return;
        }

        block.Write((ReadOnlySpan<byte>)[Prefix]);
        for (length -= Prefix; length >= 0x80; length >>= 7)
        {
            block.Write((ReadOnlySpan<byte>)[(byte)((length & 0x7f) | 0x80)]);
        }

        block.Write((ReadOnlySpan<byte>)[(byte)length]);
    }
}
