using System.Globalization;
using System.Text;
using AuthzPlugin.Trust.Json;

namespace AuthzPlugin.Trust.Cosign;

/// <summary>A DSSE envelope (secure-systems-lab/dsse, version 1) with the one signature that a sigstore bundle allows.</summary>
internal sealed class DsseEnvelope
{
    private DsseEnvelope(string payloadType, byte[] payload, byte[] signature)
    {
        PayloadType = payloadType;
        Payload = payload;
        Signature = signature;
    }

    internal string PayloadType { get; }

    internal byte[] Payload { get; }

    internal byte[] Signature { get; }

    /// <exception cref="FormatException">It is no envelope.</exception>
    internal static DsseEnvelope Read(JsonValue envelope)
    {
        byte[]? signature = null;
        foreach (var item in envelope.Get("signatures").Items())
        {
            if (signature is not null)
            {
                throw new FormatException("the envelope has more than one signature");
            }

            signature = StrictBase64.Decode(item.Get("sig").Utf8);
        }

        return new DsseEnvelope(
            envelope.Get("payloadType").GetString(),
            StrictBase64.Decode(envelope.Get("payload").Utf8),
            signature ?? throw new FormatException("the envelope has no signature"));
    }

    /// <summary>The pre-authentication encoding: what was signed.</summary>
    internal byte[] SignedBytes()
    {
        var type = Encoding.UTF8.GetBytes(PayloadType);
        var head = Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"DSSEv1 {type.Length} {PayloadType} {Payload.Length} "));
        return [.. head, .. Payload];
    }
}
