using System.Text;
using AuthzPlugin.Trust.Cosign;
using AuthzPlugin.Trust.Json;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Trust.Sigstore;

/// <summary>
/// Whether a signature shows that one of the identities signed an image's digest with a certificate of a pinned authority. Pure: no
/// network, no system store, no clock; time is what pinned logs and timestamp authorities attest. What the signed bytes, the certificate's
/// extensions or a log entry say is read only after the signature over them was found good.
/// </summary>
public static class KeylessVerifier
{
    private static readonly Dictionary<CosignFault, KeylessFault> ContentFaults = new()
    {
        [CosignFault.WrongType] = KeylessFault.WrongType,
        [CosignFault.WrongDigest] = KeylessFault.WrongDigest,
        [CosignFault.WrongAnnotation] = KeylessFault.WrongAnnotation,
    };

    /// <param name="image">The digest that must be signed.</param>
    /// <param name="root">Who is trusted to vouch for signers.</param>
    /// <param name="identities">The signers that count.</param>
    /// <param name="annotations">What the signed bytes must say beside the digest, exactly.</param>
    /// <exception cref="PlatformNotSupportedException">A log with an Ed25519 key, and no libcrypto on this system.</exception>
    public static KeylessFinding Verify(
        CosignSignature signature, Digest image, SigstoreRoot root, IReadOnlyList<KeylessIdentity> identities, IReadOnlyDictionary<string, string> annotations)
    {
        var verification = new KeylessVerification(root, identities);
        try
        {
            return signature switch
            {
                SimpleSigningSignature simple => Verify(simple, image, verification, annotations),
                BundleSignature bundle => Verify(bundle, image, verification, annotations),
                _ => throw new ArgumentException("an unknown kind of signature", nameof(signature)),
            };
        }
        catch (FormatException e)
        {
            return verification.Invalid(KeylessFault.Malformed, $"is malformed: {e.Message}");
        }
    }

    private static KeylessFinding Verify(
        SimpleSigningSignature simple, Digest image, KeylessVerification verification, IReadOnlyDictionary<string, string> annotations)
    {
        if (simple.Payload.Length > CosignVerifier.MaxPayloadBytes)
        {
            return verification.Invalid(KeylessFault.Malformed, "is larger than a payload may be");
        }

        if (simple.Certificate is not { } certificate)
        {
            return MadeWithKey(verification);
        }

        var content = new SignedContent(simple.Payload.ToArray(), StrictBase64.Decode(Encoding.Latin1.GetBytes(simple.Signature)), null);
        var finding = verification.Verify(VerificationMaterial.Read(certificate), content);
        return finding.IsValid ? Combine(finding, SimpleSigningPayload.Read(simple.Payload).FindFault(image, annotations), verification) : finding;
    }

    private static KeylessFinding Verify(
        BundleSignature bundle, Digest image, KeylessVerification verification, IReadOnlyDictionary<string, string> annotations)
    {
        if (bundle.Bundle.Length > CosignVerifier.MaxBundleBytes)
        {
            return verification.Invalid(KeylessFault.Malformed, "is larger than a bundle may be");
        }

        var read = SigstoreBundle.Read(bundle.Bundle);
        if (read.ReadMaterial() is not { } material)
        {
            return MadeWithKey(verification);
        }

        var envelope = read.Envelope ?? throw new FormatException("it signs a message and no statement");
        var finding = verification.Verify(material, new SignedContent(envelope.SignedBytes(), envelope.Signature, envelope.Payload));
        return finding.IsValid ? Combine(finding, InTotoStatement.FindFault(envelope, image, annotations), verification) : finding;
    }

    private static KeylessFinding Combine(KeylessFinding signer, CosignFinding? content, KeylessVerification verification) =>
        content is { Fault: { } fault } ? verification.Invalid(ContentFaults[fault], content.Detail) : signer;

    private static KeylessFinding MadeWithKey(KeylessVerification verification) =>
        verification.Invalid(KeylessFault.MadeWithKey, "was made with a key, and the policy names identities");
}
