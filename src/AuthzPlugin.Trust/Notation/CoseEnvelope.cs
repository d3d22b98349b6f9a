using System.Buffers.Binary;

namespace AuthzPlugin.Trust.Notation;

/// <summary>An envelope in COSE: a tagged COSE_Sign1 with its payload inside (RFC 9052 4.2).</summary>
internal static class CoseEnvelope
{
    private const ulong SignOneTag = 18;
    private const string ChainLabel = "33";

    /// <exception cref="FormatException">It is no such envelope.</exception>
    internal static NotationEnvelope Read(ReadOnlyMemory<byte> bytes)
    {
        var reader = new CborReader(bytes);
        reader.ReadTag(SignOneTag);
        if (reader.ReadArray() != 4)
        {
            throw new FormatException("it is no COSE_Sign1 of four parts");
        }

        var body = reader.ReadBytes();
        var (chain, timestamp) = ReadUnprotected(reader);
        var (payload, signature) = (reader.ReadBytes(), reader.ReadBytes());
        if (!reader.IsAtEnd)
        {
            throw new FormatException("something follows it");
        }

        return new NotationEnvelope(SignedBytes(body, payload), body, payload, signature, chain, timestamp);
    }

    /// <summary>A label as text: integers in decimal digits, texts after a quote, so that the two never look alike.</summary>
    internal static string ReadLabel(CborReader reader) => reader.Peek() is CborType.Text
        ? "\"" + reader.ReadText()
        : reader.ReadInteger().ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static (IReadOnlyList<ReadOnlyMemory<byte>> Chain, ReadOnlyMemory<byte>? Timestamp) ReadUnprotected(CborReader reader)
    {
        IReadOnlyList<ReadOnlyMemory<byte>>? chain = null;
        ReadOnlyMemory<byte>? timestamp = null;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var left = reader.ReadMap(); left > 0; left--)
        {
            var label = ReadLabel(reader);
            if (!seen.Add(label))
            {
                throw new FormatException("it has a header twice");
            }

            switch (label)
            {
                case ChainLabel:
                    chain = ReadChain(reader);
                    break;
                case "\"" + JwsEnvelope.TimestampHeader:
                    timestamp = reader.ReadBytes();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return (chain ?? throw new FormatException("it has no certificates"), timestamp);
    }

    private static List<ReadOnlyMemory<byte>> ReadChain(CborReader reader)
    {
        var count = reader.ReadArray();
        if (count > NotationEnvelope.MaxCertificates)
        {
            throw new FormatException($"it has more than {NotationEnvelope.MaxCertificates} certificates");
        }

        var chain = new List<ReadOnlyMemory<byte>>(count);
        for (; count > 0; count--)
        {
            chain.Add(reader.ReadBytes());
        }

        return chain;
    }

    /// <summary>The Sig_structure (RFC 9052 4.4), without external data.</summary>
    private static byte[] SignedBytes(ReadOnlyMemory<byte> body, ReadOnlyMemory<byte> payload) =>
    [
        0x84, 0x6a, .. "Signature1"u8, .. Head(body.Length), .. body.Span, 0x40, .. Head(payload.Length), .. payload.Span,
    ];

    private static byte[] Head(int length)
    {
        Span<byte> head = stackalloc byte[5];
        switch (length)
        {
            case < 24:
                return [(byte)(0x40 | length)];
            case < 0x100:
                return [0x58, (byte)length];
            case < 0x1_0000:
                head[0] = 0x59;
                BinaryPrimitives.WriteUInt16BigEndian(head[1..], (ushort)length);
                return head[..3].ToArray();
            default:
                head[0] = 0x5a;
                BinaryPrimitives.WriteUInt32BigEndian(head[1..], (uint)length);
                return head.ToArray();
        }
    }
}
