using System.Security.Cryptography;

namespace AuthzPlugin.Trust.Cryptography;

/// <summary>
/// Method <c>ecdsa</c>: FIPS 186-4 on P-256, P-384 or P-521, always with SHA-256. A signature is r and s in big-endian order, each as long
/// as the field (64, 96 or 132 bytes in all; IEEE P1363). DER is refused.
/// </summary>
internal static class EcdsaSignatures
{
    private static readonly string[] NistCurves = ["1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"];

    internal static bool Verify(ECDsa key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        IsNistCurve(key)
        && signature.Length == 2 * ((key.KeySize + 7) / 8)
        && key.VerifyData(message, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    /// <summary>Whether the curve is one of the three, by name; explicit parameters are none.</summary>
    internal static bool IsNistCurve(ECDsa key)
    {
        var curve = key.ExportParameters(false).Curve;
        return curve.IsNamed && NistCurves.Contains(curve.Oid.Value);
    }
}
