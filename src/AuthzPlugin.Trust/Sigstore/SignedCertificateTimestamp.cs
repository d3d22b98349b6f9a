using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Security.Cryptography;
using AuthzPlugin.Trust.Certificates;

namespace AuthzPlugin.Trust.Sigstore;

/// <summary>
/// A certificate transparency log's promise inside a certificate (RFC 6962 3.2, 3.3), version 1. The log signed the certificate as it was
/// before the promise was put into it, and the key of its issuer.
/// </summary>
internal sealed record SignedCertificateTimestamp(byte[] LogId, ulong Milliseconds, byte[] Extensions, byte[] Signature)
{
    private const string Oid = "1.3.6.1.4.1.11129.2.4.2";
    private const int MaxCount = 16;
    private const int IdSize = 32;
    private const byte Sha256 = 4;
    private const byte Rsa = 1;
    private const byte Ecdsa = 3;

    /// <summary>Why no pinned log's promise is in the certificate; null and the log when one is.</summary>
    internal static (LogKey? Log, string? Fault) FindLog(DerCertificate certificate, DerCertificate issuer, IReadOnlyList<LogKey> logs)
    {
        if (certificate.Find(Oid) is not { } extension)
        {
            return (null, "its certificate has no promise of a certificate transparency log (SCT)");
        }

        var fault = "no promise in its certificate (SCT) is of a certificate transparency log that the root file names";
        foreach (var promise in ReadAll(extension.Value))
        {
            foreach (var log in logs.Where(l => l.Id.AsSpan().SequenceEqual(promise.LogId)))
            {
                if (promise.Time is not { } time || !log.Window.Contains(time))
                {
                    fault = $"the promise in its certificate (SCT) is not of the time of the log {log.IdText}";
                }
                else if (log.Key.Verify(promise.SignedBytes(certificate, issuer), promise.Signature))
                {
                    return (log, null);
                }
                else
                {
                    fault = $"the promise in its certificate (SCT) is not by the log {log.IdText} whose id it has";
                }
            }
        }

        return (null, fault);
    }

    private DateTimeOffset? Time =>
        Milliseconds <= (ulong)DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() ? DateTimeOffset.FromUnixTimeMilliseconds((long)Milliseconds) : null;

    private static List<SignedCertificateTimestamp> ReadAll(byte[] value)
    {
        byte[] inner;
        try
        {
            var asn = new AsnReader(value, AsnEncodingRules.DER);
            inner = asn.ReadOctetString();
            asn.ThrowIfNotEmpty();
        }
        catch (AsnContentException e)
        {
            throw new FormatException("the promises in the certificate (SCT) are malformed", e);
        }

        var outer = new TlsReader(inner);
        var list = new TlsReader(outer.List());
        var result = new List<SignedCertificateTimestamp>();
        while (!list.IsEmpty)
        {
            if (result.Count == MaxCount)
            {
                throw new FormatException($"the certificate has more than {MaxCount} promises (SCT)");
            }

            result.Add(Read(new TlsReader(list.List())));
        }

        return outer.IsEmpty ? result : throw new FormatException("something stands after the promises in the certificate (SCT)");
    }

    private static SignedCertificateTimestamp Read(TlsReader reader)
    {
        if (reader.Byte() != 0)
        {
            throw new FormatException("the certificate has a promise (SCT) of an unknown version");
        }

        var (id, time, extensions) = (reader.Take(IdSize).ToArray(), reader.UInt64(), reader.List().ToArray());
        var (hash, algorithm) = (reader.Byte(), reader.Byte());
        var signature = reader.List().ToArray();
        return reader.IsEmpty && hash == Sha256 && algorithm is Rsa or Ecdsa
            ? new SignedCertificateTimestamp(id, time, extensions, signature)
            : throw new FormatException("the certificate has a promise (SCT) of an unknown form");
    }

    /// <summary>What the log signed: a precertificate entry (RFC 6962 3.2).</summary>
    private byte[] SignedBytes(DerCertificate certificate, DerCertificate issuer)
    {
        var signed = certificate.SignedWithout(Oid);
        Span<byte> number = stackalloc byte[8];
        using var output = new MemoryStream();

        // Version 1, and the type of signature: certificate timestamp.
        output.Write([0, 0]);
        BinaryPrimitives.WriteUInt64BigEndian(number, Milliseconds);
        output.Write(number);

        // The type of entry: precertificate.
        output.Write([0, 1]);
        output.Write(SHA256.HashData(issuer.PublicKeyInfo));
        BinaryPrimitives.WriteInt32BigEndian(number, signed.Length);
        output.Write(number[1..4]);
        output.Write(signed);
        BinaryPrimitives.WriteUInt16BigEndian(number, (ushort)Extensions.Length);
        output.Write(number[..2]);
        output.Write(Extensions);
        return output.ToArray();
    }
}
