using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;

namespace AuthzPlugin.Trust.Notation.Revocation;

/// <summary>
/// A basic OCSP response (RFC 6960 4.2.1) in DER, read, and nothing of it verified: who it is by and about whom is asked of it with the
/// certificates that it should be about (<see cref="RevocationQuestion"/>). Immutable.
/// </summary>
public sealed class OcspResponse
{
    /// <summary>Most bytes of a response.</summary>
    public const int MaxBytes = 64 * 1024;

    private const string BasicOid = "1.3.6.1.5.5.7.48.1.1";
    private const int MaxCertificates = 8;
    private const int MaxAnswers = 16;

    private static readonly Asn1Tag Zero = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag One = new(TagClass.ContextSpecific, 1, isConstructed: true);

    private readonly ReadOnlyMemory<byte> _signed;
    private readonly AlgorithmName _algorithm;
    private readonly ReadOnlyMemory<byte> _signature;
    private readonly ResponderId _responder;

    private OcspResponse(
        ReadOnlyMemory<byte> signed,
        AlgorithmName algorithm,
        ReadOnlyMemory<byte> signature,
        (ResponderId Responder, IReadOnlyList<SingleAnswer> Answers) body,
        IReadOnlyList<NotationCertificate> certificates)
    {
        (_signed, _algorithm, _signature) = (signed, algorithm, signature);
        (_responder, Answers) = body;
        Certificates = certificates;
    }

    /// <summary>Those that are made with the hash that is asked with.</summary>
    internal IReadOnlyList<SingleAnswer> Answers { get; }

    /// <summary>Those that came with it, in its order; not signed.</summary>
    internal IReadOnlyList<NotationCertificate> Certificates { get; }

    /// <summary>Reads a response that says of itself that it is a successful one.</summary>
    /// <param name="problem">Why there is none: half a sentence about the responder.</param>
    public static bool TryRead(ReadOnlyMemory<byte> der, [NotNullWhen(true)] out OcspResponse? response, [NotNullWhen(false)] out string? problem)
    {
        (response, problem) = (null, null);
        try
        {
            response = der.Length <= MaxBytes ? Read(der) : throw new FormatException("sends more than an answer may have");
            return true;
        }
        catch (FormatException e)
        {
            problem = e.Message;
        }
        catch (AsnContentException)
        {
            // Where the DER is wrong helps nobody; the caller names the responder.
            problem = "sends what is no OCSP response";
        }

        return false;
    }

    /// <summary>Whether the key of a certificate signed it, whose name or key it names.</summary>
    internal bool IsBy(NotationCertificate signer) =>
        _responder.Is(signer) && CertificateKey.Kind(signer) is not null
        && CertificateSignature.Verify(signer, _algorithm, null, _signed.Span, _signature.Span);

    private static OcspResponse Read(ReadOnlyMemory<byte> der)
    {
        var file = new AsnReader(der, AsnEncodingRules.DER);
        var outer = file.ReadSequence();
        file.ThrowIfNotEmpty();
        if (outer.ReadEnumeratedBytes().Span is not [var status] || status != 0)
        {
            throw new FormatException("does not answer the question (its status is not successful)");
        }

        var bytes = outer.ReadSequence(Zero).ReadSequence();
        outer.ThrowIfNotEmpty();
        if (bytes.ReadObjectIdentifier() != BasicOid)
        {
            throw new FormatException("sends another kind of response");
        }

        var basic = new AsnReader(bytes.ReadOctetString(), AsnEncodingRules.DER);
        bytes.ThrowIfNotEmpty();
        var response = basic.ReadSequence();
        basic.ThrowIfNotEmpty();
        var signed = response.ReadEncodedValue();
        var (algorithm, signature) = (AlgorithmName.Read(response), CertificateFields.ReadBits(response));
        var certificates = response.HasData ? ReadCertificates(response.ReadSequence(Zero)) : [];
        response.ThrowIfNotEmpty();
        return new OcspResponse(signed, algorithm, signature, ReadBody(new AsnReader(signed, AsnEncodingRules.DER).ReadSequence()), certificates);
    }

    private static List<NotationCertificate> ReadCertificates(AsnReader holder)
    {
        var result = new List<NotationCertificate>();
        var list = holder.ReadSequence();
        holder.ThrowIfNotEmpty();
        while (list.HasData)
        {
            // Each can cost the check of two signatures, whoever sends it.
            if (result.Count == MaxCertificates)
            {
                throw new FormatException("sends too many certificates");
            }

            result.Add(NotationCertificate.TryRead(list.ReadEncodedValue(), out var read) ? read : throw new FormatException("sends a certificate that cannot be read"));
        }

        return result;
    }

    private static (ResponderId Responder, IReadOnlyList<SingleAnswer> Answers) ReadBody(AsnReader body)
    {
        if (body.PeekTag().HasSameClassAndValue(Zero))
        {
            // The only version is the default one, which DER leaves out.
            throw new FormatException("sends a response of an unknown version");
        }

        var responder = ResponderId.Read(body);
        body.ReadGeneralizedTime();
        var (answers, count) = (new List<SingleAnswer>(), 0);
        for (var list = body.ReadSequence(); list.HasData;)
        {
            if (++count > MaxAnswers)
            {
                throw new FormatException("answers too many questions");
            }

            if (SingleAnswer.Read(list.ReadSequence()) is { } answer)
            {
                answers.Add(answer);
            }
        }

        if (body.HasData)
        {
            SingleAnswer.RequireKnown(body.ReadSequence(One));
        }

        body.ThrowIfNotEmpty();
        return (responder, answers);
    }
}

/// <summary>By which a responder names itself: its subject, or the SHA-1 of its key.</summary>
internal sealed record ResponderId(ReadOnlyMemory<byte>? Name, ReadOnlyMemory<byte>? KeyHash)
{
    private static readonly Asn1Tag ByName = new(TagClass.ContextSpecific, 1, isConstructed: true);
    private static readonly Asn1Tag ByKey = new(TagClass.ContextSpecific, 2, isConstructed: true);

    internal static ResponderId Read(AsnReader reader)
    {
        var isName = reader.PeekTag().HasSameClassAndValue(ByName);
        var holder = reader.ReadSequence(isName ? ByName : ByKey);
        var id = isName ? new ResponderId(holder.ReadEncodedValue(), null) : new ResponderId(null, holder.ReadOctetString());
        holder.ThrowIfNotEmpty();
        return id;
    }

    internal bool Is(NotationCertificate certificate) => Name is { } name
        ? name.Span.SequenceEqual(certificate.Fields.Subject.Span)
        : KeyHash is { } hash && CertificateId.HashOfKey(certificate) is { } own && hash.Span.SequenceEqual(own);
}
