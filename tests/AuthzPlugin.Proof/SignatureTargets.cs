using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.Cosign;
using AuthzPlugin.Trust.References;
using AuthzPlugin.Trust.Sigstore;

namespace AuthzPlugin.Proof;

/// <summary>Bundles, annotations and root files of signatures with certificates.</summary>
internal static class SignatureTargets
{
    private static readonly SigstoreSimulator World = new();
    private static readonly Digest Image = Digest.FromHash(new byte[32]);
    private static readonly Digest Other = Digest.FromHash([.. Enumerable.Repeat((byte)1, 32)]);
    private static readonly string Certificate = World.Issue().Pem;
    private static readonly byte[] Payload = CosignFiles.Payload(Image);
    private static readonly SigstoreRoot Root =
        SigstoreRoot.TryRead(World.TrustedRootFile(), out var root, out var problem) ? root : throw new InvalidOperationException(problem);

    private static readonly KeylessIdentity[] Anybody =
        [TextRule.TryPattern(".+", out var any, out _) ? new KeylessIdentity(any, any) : throw new InvalidOperationException("no pattern")];

    internal static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("keyless-bundle", [CosignFiles.Bytes(World.Bundle(CosignFiles.Statement(Image))), CosignFiles.Bytes(World.Bundle2(CosignFiles.Statement(Image)))], Bundle),
        new("keyless-timestamp", [World.Timestamps.Stamp([1, 2, 3], SigstoreSimulator.SignedAt)], Timestamp),
        new("keyless-annotation", [CosignFiles.Bytes(World.Annotations(Payload)["dev.sigstore.cosign/bundle"]!)], Annotation),
        new("trusted-root", [World.TrustedRootFile()], RootFile),
    ];

    private static string? Bundle(byte[] input) => Check(new BundleSignature(input));

    // A certificate that is good, so that the reader comes to the entry.
    private static string? Annotation(byte[] input) => Check(new SimpleSigningSignature(
        Payload, "AAAA", new CertificateAnnotations(Certificate, System.Text.Encoding.UTF8.GetString(input), null)));

    private static string? Timestamp(byte[] input)
    {
        try
        {
            var (time, fault) = TimestampVerifier.Verify(input, [1, 2, 3], Root.TimestampAuthorities);
            return time is null ? fault is null ? "neither a time nor a fault" : null : time.Value.Time == SigstoreSimulator.SignedAt ? null : "another time was accepted";
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static string? RootFile(byte[] input) =>
        SigstoreRoot.TryRead(input, out _, out var problem) || IsOneLine(problem) ? null : "a problem that is not one line: " + problem;

    private static string? Check(CosignSignature signature)
    {
        var finding = KeylessVerifier.Verify(signature, Image, Root, Anybody, new Dictionary<string, string>());
        if (finding.IsValid && finding.Signer.Subject != SigstoreSimulator.Subject)
        {
            return "somebody else signed: " + finding.Detail;
        }

        return KeylessVerifier.Verify(signature, Other, Root, Anybody, new Dictionary<string, string>()).IsValid ? "another image was signed" : null;
    }

    private static bool IsOneLine(string text) => !text.AsSpan().ContainsAny('\r', '\n');
}
