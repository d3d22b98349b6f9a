using System.Formats.Asn1;
using System.Security.Cryptography;

namespace AuthzPlugin.Testing.Signatures;

/// <summary>A timestamp authority of a test (RFC 3161): makes tokens of any time, which can be bent.</summary>
public sealed record TestTimestamps
{
    private const string SignedData = "1.2.840.113549.1.7.2";
    private const string Info = "1.2.840.113549.1.9.16.1.4";
    private const string Sha256 = "2.16.840.1.101.3.4.2.1";
    private const string EcdsaSha256 = "1.2.840.10045.4.3.2";

    private static readonly Asn1Tag Zero = new(TagClass.ContextSpecific, 0, isConstructed: true);

    /// <summary>The signing certificate first; its key must be ECDSA.</summary>
    public required IReadOnlyList<TestCertificate> Chain { get; init; }

    public required DateTimeOffset Time { get; init; }

    /// <summary>In seconds; null: the token does not say.</summary>
    public int? Accuracy { get; init; }

    /// <summary>Whether the signer is named by the hash of its certificate, as RFC 5816 demands.</summary>
    public bool NamesCertificate { get; init; } = true;

    /// <summary>What is signed instead of what is asked for.</summary>
    public byte[]? Over { get; init; }

    /// <summary>A root, and a timestamp authority that it issued.</summary>
    public static TestTimestamps Make(DateTimeOffset time, CertificateShape? leaf = null)
    {
        var root = TestCertificate.Make(CertificateShape.Authority("CN=Time Root, O=Time, S=WA, C=US"));
        return new TestTimestamps { Chain = [TestCertificate.Make(leaf ?? CertificateShape.Timestamps(), root), root], Time = time };
    }

    public byte[] Sign(byte[] message)
    {
        var content = Content(Over ?? message);
        var attributes = Attributes(content);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(SignedData);
            using (writer.PushSequence(Zero))
            using (writer.PushSequence())
            {
                writer.WriteInteger(3);
                using (writer.PushSetOf())
                {
                    WriteAlgorithm(writer, Sha256);
                }

                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(Info);
                    using (writer.PushSequence(Zero))
                    {
                        writer.WriteOctetString(content);
                    }
                }

                using (writer.PushSetOf(Zero))
                {
                    foreach (var certificate in Chain)
                    {
                        writer.WriteEncodedValue(certificate.Der);
                    }
                }

                using (writer.PushSetOf())
                {
                    WriteSigner(writer, attributes);
                }
            }
        }

        return writer.Encode();
    }

    private void WriteSigner(AsnWriter writer, byte[] attributes)
    {
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            using (writer.PushSequence())
            {
                writer.WriteEncodedValue(Chain[0].Certificate.IssuerName.RawData);
                writer.WriteInteger(Chain[0].Certificate.SerialNumberBytes.Span);
            }

            WriteAlgorithm(writer, Sha256);
            writer.WriteEncodedValue([0xa0, .. attributes[1..]]);
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(EcdsaSha256);
            }

            writer.WriteOctetString(((ECDsa)Chain[0].Key).SignData(attributes, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        }
    }

    private byte[] Content(byte[] message)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            writer.WriteObjectIdentifier("1.2.3.4");
            using (writer.PushSequence())
            {
                WriteAlgorithm(writer, Sha256);
                writer.WriteOctetString(SHA256.HashData(message));
            }

            writer.WriteInteger(7);
            writer.WriteGeneralizedTime(Time, omitFractionalSeconds: true);
            if (Accuracy is { } seconds)
            {
                using (writer.PushSequence())
                {
                    writer.WriteInteger(seconds);
                }
            }
        }

        return writer.Encode();
    }

    private byte[] Attributes(byte[] content)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSetOf())
        {
            WriteAttribute(writer, "1.2.840.113549.1.9.3", w => w.WriteObjectIdentifier(Info));
            WriteAttribute(writer, "1.2.840.113549.1.9.4", w => w.WriteOctetString(SHA256.HashData(content)));
            if (NamesCertificate)
            {
                WriteAttribute(writer, "1.2.840.113549.1.9.16.2.47", w =>
                {
                    using (w.PushSequence())
                    using (w.PushSequence())
                    using (w.PushSequence())
                    {
                        w.WriteOctetString(SHA256.HashData(Chain[0].Der));
                    }
                });
            }
        }

        return writer.Encode();
    }

    private static void WriteAttribute(AsnWriter writer, string oid, Action<AsnWriter> value)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            using (writer.PushSetOf())
            {
                value(writer);
            }
        }
    }

    private static void WriteAlgorithm(AsnWriter writer, string oid)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
        }
    }
}
