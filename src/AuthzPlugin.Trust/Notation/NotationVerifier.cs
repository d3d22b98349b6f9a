namespace AuthzPlugin.Trust.Notation;

/// <summary>
/// Whether a signature of the Notary Project shows that somebody whom a trust policy trusts signed an image's manifest
/// (trust-store-trust-policy.md, "Signature Verification"). Pure. Nothing of the signed bytes is read before the signature over them was found
/// good by the key of the certificate that comes with it; whether that certificate is trusted is asked after that.
/// </summary>
public static class NotationVerifier
{
    /// <summary>Most bytes of an envelope.</summary>
    public const int MaxEnvelopeBytes = 1024 * 1024;

    /// <param name="now">The time of the decision.</param>
    /// <exception cref="ArgumentException">The statement says that nothing is verified.</exception>
    public static NotationFinding Verify(NotationSignature signature, NotationTarget target, NotationTrust trust, DateTimeOffset now)
    {
        if (trust.Statement.IsSkipped)
        {
            throw new ArgumentException("nothing is verified by a statement that skips", nameof(trust));
        }

        if (signature.Envelope.Length > MaxEnvelopeBytes)
        {
            return NotationFinding.Invalid(NotationFault.Malformed, "is larger than an envelope may be");
        }

        try
        {
            return Verify(signature.Format, NotationEnvelope.Read(signature), target, trust, now);
        }
        catch (FormatException e)
        {
            return NotationFinding.Invalid(NotationFault.Malformed, $"is malformed: {e.Message}");
        }
    }

    private static NotationFinding Verify(
        NotationFormat format, NotationEnvelope envelope, NotationTarget target, NotationTrust trust, DateTimeOffset now)
    {
        var chain = ReadChain(envelope);
        if (SigningAlgorithm.Of(chain[0]) is not { } algorithm)
        {
            return NotationFinding.Invalid(NotationFault.BadCertificates, $"has a certificate ({chain[0]}) with a key that may not sign");
        }

        if (!algorithm.Verify(chain[0], envelope.SignedBytes.Span, envelope.Signature.Span))
        {
            return NotationFinding.Invalid(NotationFault.BadSignature, "is not a good signature by its own certificate");
        }

        var values = HeaderValues.Read(format, envelope.Protected);
        if (values.Algorithm != algorithm.Name)
        {
            return NotationFinding.Invalid(NotationFault.BadSignature, $"says that it was made by {values.Algorithm}, and its key is for {algorithm.Name}");
        }

        if (ChainRules.FindProblem(chain, forTimestamps: false) is { } problem)
        {
            return NotationFinding.Invalid(NotationFault.BadCertificates, problem);
        }

        return SignedAttributes.Check(values, out var fault) is { } attributes
            ? NotationPayload.FindFault(envelope.Payload, target, trust.Annotations) ?? new TrustChecks(envelope, attributes, chain, trust, now).Judge()
            : fault!;
    }

    private static List<NotationCertificate> ReadChain(NotationEnvelope envelope)
    {
        var chain = new List<NotationCertificate>();
        foreach (var der in envelope.Chain)
        {
            chain.Add(NotationCertificate.TryRead(der, out var read) ? read : throw new FormatException("it has a certificate that cannot be read"));
        }

        return chain.Count > 0 ? chain : throw new FormatException("it has no certificates");
    }
}
