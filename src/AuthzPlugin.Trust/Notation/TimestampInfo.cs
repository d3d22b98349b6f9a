using System.Formats.Asn1;
using System.Security.Cryptography;

namespace AuthzPlugin.Trust.Notation;

/// <summary>What a timestamp says (RFC 3161 2.4.2): something with this hash existed between two moments.</summary>
internal sealed record TimestampInfo(HashAlgorithmName Hash, ReadOnlyMemory<byte> Imprint, DateTimeOffset Lower, DateTimeOffset Upper)
{
    private const string BaselinePolicy = "0.4.0.2023.1.1";

    private static readonly Asn1Tag Millis = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag Micros = new(TagClass.ContextSpecific, 1);

    /// <exception cref="FormatException">It is no TSTInfo of version 1, or its hash is none that counts.</exception>
    internal static TimestampInfo Read(ReadOnlyMemory<byte> content)
    {
        try
        {
            var file = new AsnReader(content, AsnEncodingRules.DER);
            var info = file.ReadSequence();
            file.ThrowIfNotEmpty();
            if (!info.TryReadInt32(out var version) || version != 1)
            {
                throw new FormatException("its timestamp is of an unknown version");
            }

            var policy = info.ReadObjectIdentifier();
            var imprint = info.ReadSequence();
            var hash = CertificateSignature.HashOf(AlgorithmName.Read(imprint).Oid)
                ?? throw new FormatException("its timestamp has a hash that does not count");
            var value = imprint.ReadOctetString();
            info.ReadIntegerBytes();
            var time = info.ReadGeneralizedTime();
            var accuracy = info.HasData && info.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence)
                ? ReadAccuracy(info.ReadSequence())
                : TimeSpan.FromSeconds(policy == BaselinePolicy ? 1 : 0);
            return new TimestampInfo(hash, value, time - accuracy, time + accuracy);
        }
        catch (Exception e) when (e is AsnContentException or ArgumentOutOfRangeException)
        {
            throw new FormatException("its timestamp does not say a time", e);
        }
    }

    internal bool IsOver(ReadOnlyMemory<byte> bytes) => CryptographicOperations.HashData(Hash, bytes.Span).AsSpan().SequenceEqual(Imprint.Span);

    private static TimeSpan ReadAccuracy(AsnReader accuracy)
    {
        var result = TimeSpan.Zero;
        if (accuracy.HasData && accuracy.PeekTag().HasSameClassAndValue(Asn1Tag.Integer))
        {
            result += TimeSpan.FromSeconds(Number(accuracy, Asn1Tag.Integer, 365 * 86400));
        }

        if (accuracy.HasData && accuracy.PeekTag().HasSameClassAndValue(Millis))
        {
            result += TimeSpan.FromMilliseconds(Number(accuracy, Millis, 999));
        }

        if (accuracy.HasData && accuracy.PeekTag().HasSameClassAndValue(Micros))
        {
            result += TimeSpan.FromMicroseconds(Number(accuracy, Micros, 999));
        }

        accuracy.ThrowIfNotEmpty();
        return result;
    }

    private static int Number(AsnReader reader, Asn1Tag tag, int most) =>
        reader.TryReadInt32(out var value, tag) && value >= 0 && value <= most ? value : throw new FormatException("its timestamp has no accuracy that counts");
}
