using System.Formats.Asn1;
using System.Security.Cryptography;

namespace AuthzPlugin.Testing.Signatures;

/// <summary>An OCSP responder of a test (RFC 6960): answers about any certificate, and everything that it writes can be bent.</summary>
public sealed record TestOcsp
{
    public const string Sha1 = "1.3.14.3.2.26";

    private const string Basic = "1.3.6.1.5.5.7.48.1.1";
    private const string EcdsaSha256 = "1.2.840.10045.4.3.2";

    private static readonly Asn1Tag Zero = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag One = new(TagClass.ContextSpecific, 1, isConstructed: true);
    private static readonly Asn1Tag Two = new(TagClass.ContextSpecific, 2, isConstructed: true);

    /// <summary>Whose certificates it answers about.</summary>
    public required TestCertificate Issuer { get; init; }

    /// <summary>Who signs, with a key of ECDSA on P-256; null: the issuer.</summary>
    public TestCertificate? Signer { get; init; }

    /// <summary>Comes with the answer; null: the signer when it is not the issuer.</summary>
    public IReadOnlyList<TestCertificate>? Certificates { get; init; }

    /// <summary>Whom it names as the responder; null: the signer.</summary>
    public TestCertificate? NamedResponder { get; init; }

    public bool NamesKey { get; init; }

    public required DateTimeOffset From { get; init; }

    public DateTimeOffset? Until { get; init; }

    /// <summary><c>good</c>, <c>revoked</c>, <c>unknown</c>.</summary>
    public string Status { get; init; } = "good";

    public int ResponseStatus { get; init; }

    public string Hash { get; init; } = Sha1;

    public byte[]? Serial { get; init; }

    public TestCertificate? NameOf { get; init; }

    public TestCertificate? KeyOf { get; init; }

    /// <summary>How often the same answer stands in the response.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Of the whole response; null: none.</summary>
    public bool? ExtensionIsCritical { get; init; }

    /// <summary>Of the one answer; null: none.</summary>
    public bool? SingleExtensionIsCritical { get; init; }

    public byte[] Answer(TestCertificate certificate)
    {
        var signer = Signer ?? Issuer;
        var body = Body(certificate, signer);
        var basic = Sequence(w =>
        {
            w.WriteEncodedValue(body);
            using (w.PushSequence())
            {
                w.WriteObjectIdentifier(EcdsaSha256);
            }

            w.WriteBitString(((ECDsa)signer.Key).SignData(body, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
            if ((Certificates ?? (Signer is null ? [] : [Signer])) is { Count: > 0 } certificates)
            {
                using (w.PushSequence(Zero))
                using (w.PushSequence())
                {
                    foreach (var one in certificates)
                    {
                        w.WriteEncodedValue(one.Der);
                    }
                }
            }
        });
        return Sequence(w =>
        {
            w.WriteEncodedValue([0x0a, 1, (byte)ResponseStatus]);
            using (w.PushSequence(Zero))
            using (w.PushSequence())
            {
                w.WriteObjectIdentifier(Basic);
                w.WriteOctetString(basic);
            }
        });
    }

    private byte[] Body(TestCertificate certificate, TestCertificate signer) => Sequence(w =>
    {
        var responder = NamedResponder ?? signer;
        using (w.PushSequence(NamesKey ? Two : One))
        {
            if (NamesKey)
            {
                w.WriteOctetString(KeyHash(responder));
            }
            else
            {
                w.WriteEncodedValue(responder.Certificate.SubjectName.RawData);
            }
        }

        w.WriteGeneralizedTime(From, omitFractionalSeconds: true);
        using (w.PushSequence())
        {
            for (var i = 0; i < Count; i++)
            {
                WriteAnswer(w, certificate);
            }
        }

        WriteExtension(w, ExtensionIsCritical);
    });

    private void WriteAnswer(AsnWriter w, TestCertificate certificate)
    {
        using (w.PushSequence())
        {
            using (w.PushSequence())
            {
                using (w.PushSequence())
                {
                    w.WriteObjectIdentifier(Hash);
                    w.WriteNull();
                }

                w.WriteOctetString(NameHash(NameOf ?? Issuer));
                w.WriteOctetString(KeyHash(KeyOf ?? Issuer));
                w.WriteInteger(Serial ?? certificate.Certificate.SerialNumberBytes.Span);
            }

            WriteStatus(w);
            w.WriteGeneralizedTime(From, omitFractionalSeconds: true);
            if (Until is { } until)
            {
                using (w.PushSequence(Zero))
                {
                    w.WriteGeneralizedTime(until, omitFractionalSeconds: true);
                }
            }

            WriteExtension(w, SingleExtensionIsCritical);
        }
    }

    private void WriteStatus(AsnWriter w)
    {
        if (Status != "revoked")
        {
            w.WriteNull(new Asn1Tag(TagClass.ContextSpecific, Status == "good" ? 0 : 2));
            return;
        }

        using (w.PushSequence(One))
        {
            w.WriteGeneralizedTime(From, omitFractionalSeconds: true);
            using (w.PushSequence(Zero))
            {
                w.WriteEncodedValue([0x0a, 1, 1]);
            }
        }
    }

    private static void WriteExtension(AsnWriter w, bool? isCritical)
    {
        if (isCritical is null)
        {
            return;
        }

        using (w.PushSequence(One))
        using (w.PushSequence())
        using (w.PushSequence())
        {
            w.WriteObjectIdentifier("1.2.3.4");
            if (isCritical is true)
            {
                w.WriteBoolean(true);
            }

            w.WriteOctetString([5, 0]);
        }
    }

#pragma warning disable CA5350 // As OCSP has it.
    private static byte[] NameHash(TestCertificate issuer) => SHA1.HashData(issuer.Certificate.SubjectName.RawData);

    private static byte[] KeyHash(TestCertificate issuer) => SHA1.HashData(issuer.Certificate.PublicKey.EncodedKeyValue.RawData);
#pragma warning restore CA5350

    private static byte[] Sequence(Action<AsnWriter> write)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            write(writer);
        }

        return writer.Encode();
    }
}
