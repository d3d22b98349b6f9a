using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using AuthzPlugin.Trust.Certificates;
using AuthzPlugin.Trust.Json;

namespace AuthzPlugin.Trust.Metadata;

/// <summary>
/// A public key as metadata carries it (notary-v1.md 2.3). An unknown key type is legal; such a key never verifies anything.
/// </summary>
public sealed class PublicKey
{
    private readonly Lazy<CertificateFacts?>? _certificate;

    /// <param name="keyType"><c>ecdsa</c>, <c>rsa</c>, <c>ecdsa-x509</c>, <c>rsa-x509</c>, <c>ed25519</c> or unknown; case counts.</param>
    /// <param name="value">
    /// SubjectPublicKeyInfo in DER for plain types, PEM certificates (leaf first) for x509 types, 32 raw bytes for ed25519.
    /// </param>
    public PublicKey(string keyType, ReadOnlyMemory<byte> value)
    {
        KeyType = keyType;
        Value = value;
        Id = ComputeId(keyType, value.Span);
        _certificate = keyType is "ecdsa-x509" or "rsa-x509" ? new(() => CertificateFacts.TryReadFirst(value.Span)) : null;
    }

    public string KeyType { get; }

    public ReadOnlyMemory<byte> Value { get; }

    /// <summary>The key id: computed, never taken from a file. 64 lower-case hex digits.</summary>
    public string Id { get; }

    /// <summary>The first certificate of an x509 key; null for other keys and when it cannot be read. Read once.</summary>
    internal CertificateFacts? Certificate => _certificate?.Value;

    /// <summary>
    /// SHA-256 of the canonical JSON of the key. <c>private</c> is always null in it, and <c>public</c> is encoded afresh,
    /// whatever the file had.
    /// </summary>
    internal static string ComputeId(string keyType, ReadOnlySpan<byte> value)
    {
        var json = new ArrayBufferWriter<byte>();
        json.Write("{\"keytype\":"u8);
        CanonicalJson.WriteText(Encoding.UTF8.GetBytes(keyType), json);
        json.Write(",\"keyval\":{\"private\":null,\"public\":\""u8);
        json.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(value)));
        json.Write("\"}}"u8);
        return Convert.ToHexStringLower(SHA256.HashData(json.WrittenSpan));
    }
}
