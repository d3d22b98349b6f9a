using System.Text;
using System.Text.Json.Nodes;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.Cosign;
using AuthzPlugin.Trust.References;
using AuthzPlugin.Trust.Sigstore;
using AuthzPlugin.Trust.Tests.Mutations;
using Xunit.Abstractions;

namespace AuthzPlugin.Trust.Tests.Sigstore;

/// <summary>A changed byte of any file of a signature with a certificate is refused, or changes nothing in what it says.</summary>
public class KeylessMutationTests(ITestOutputHelper output)
{
    private const int Rounds = 1200;

    private static readonly SigstoreSimulator World = new();
    private static readonly Digest Image = Digest.FromHash(new byte[32]);
    private static readonly Digest Other = Digest.FromHash([.. Enumerable.Repeat((byte)1, 32)]);
    private static readonly SigstoreRoot Root = KeylessVerifierTests.RootOf(World.TrustedRoot());
    private static readonly KeylessIdentity[] Somebody = [KeylessVerifierTests.Identity()];
    private static readonly KeylessIdentity[] Everybody = [AnyIdentity()];
    private static readonly Dictionary<string, string> Demanded = new() { ["env"] = "prod" };

    [Fact]
    public void Bundles_with_an_entry_of_Rekor_1() => RunBundle("bundle, Rekor 1", World.Bundle(Statement()));

    [Fact]
    public void Bundles_with_an_entry_of_Rekor_2() => RunBundle("bundle, Rekor 2", World.Bundle2(Statement()));

    [Fact]
    public void Certificates() => RunPart(
        "certificate", World.Bundle(Statement()), b => b["verificationMaterial"]!["certificate"]!.AsObject(), "rawBytes");

    [Fact]
    public void Log_entries_of_Rekor_1() => RunPart(
        "log entry", World.Bundle(Statement()), b => b["verificationMaterial"]!["tlogEntries"]![0]!.AsObject(), "canonicalizedBody");

    [Fact]
    public void Log_entries_of_Rekor_2() => RunPart(
        "log entry of Rekor 2", World.Bundle2(Statement()), b => b["verificationMaterial"]!["tlogEntries"]![0]!.AsObject(), "canonicalizedBody");

    [Fact]
    public void Timestamps() => RunPart(
        "timestamp", World.Bundle2(Statement()), b => b["verificationMaterial"]!["timestampVerificationData"]!["rfc3161Timestamps"]![0]!.AsObject(), "signedTimestamp");

    [Fact]
    public void Statements() => RunPart("statement", World.Bundle(Statement()), b => b["dsseEnvelope"]!.AsObject(), "payload");

    [Theory]
    [InlineData("dev.sigstore.cosign/certificate")]
    [InlineData("dev.sigstore.cosign/bundle")]
    [InlineData("dev.sigstore.cosign/rfc3161timestamp")]
    [InlineData("dev.cosignproject.cosign/signature")]
    public void Annotations(string name)
    {
        var payload = CosignFiles.Payload(Image, Demanded);
        var annotations = World.Annotations(payload, stamped: true);
        Run($"annotation {name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..]}", Encoding.Latin1.GetBytes((string)annotations[name]!), mutated =>
        {
            string Text(string key) => key == name ? Encoding.Latin1.GetString(mutated) : (string)annotations[key]!;
            return new SimpleSigningSignature(
                payload,
                Text("dev.cosignproject.cosign/signature"),
                new CertificateAnnotations(Text("dev.sigstore.cosign/certificate"), Text("dev.sigstore.cosign/bundle"), Text("dev.sigstore.cosign/rfc3161timestamp")));
        });
    }

    /// <summary>A root file is root's own, so a changed one may say something else; but it is read or refused, and nothing is thrown.</summary>
    [Fact]
    public void Root_files_are_read_or_refused()
    {
        var random = new Random(20261126);
        var file = World.TrustedRootFile();
        var (read, refused) = (0, 0);
        for (var i = 0; i < Rounds; i++)
        {
            _ = SigstoreRoot.TryRead(SingleByte.Of(file, i, random), out _, out var problem) ? read++ : refused++;
            Assert.True(problem is null || !problem.Contains('\n', StringComparison.Ordinal));
        }

        Assert.True(refused > read, $"{refused} refused, {read} read");
        output.WriteLine($"figure: trusted root, changed bytes: {refused} refused, {read} read, 0 exceptions");
    }

    private static byte[] Statement() => CosignFiles.Statement(Image, Demanded);

    private static KeylessIdentity AnyIdentity()
    {
        Assert.True(TextRule.TryPattern(".+", out var any, out _));
        return new KeylessIdentity(any, any);
    }

    private void RunBundle(string what, JsonObject bundle) => Run(what, CosignFiles.Bytes(bundle), mutated => new BundleSignature(mutated));

    /// <summary>What is base64 in the bundle is changed before it is encoded, so that the change gets to what reads it.</summary>
    private void RunPart(string what, JsonObject bundle, Func<JsonObject, JsonObject> part, string name)
    {
        var file = Convert.FromBase64String((string)part(bundle)[name]!);
        Run(what, file, mutated =>
        {
            part(bundle)[name] = Convert.ToBase64String(mutated);
            return new BundleSignature(CosignFiles.Bytes(bundle));
        });
    }

    private void Run(string what, byte[] file, Func<byte[], CosignSignature> read)
    {
        var random = new Random(20261126);
        var before = KeylessVerifier.Verify(read(file), Image, Root, Somebody, Demanded);
        Assert.True(before.IsValid, before.Detail);
        var (same, refused) = (0, 0);
        for (var i = 0; i < Rounds; i++)
        {
            var mutated = read(SingleByte.Of(file, i * 7, random));
            var finding = KeylessVerifier.Verify(mutated, Image, Root, Everybody, Demanded);
            _ = finding.IsValid ? same++ : refused++;

            // It never says more than before: nobody else, no other time that lies earlier or later than what is attested, no other image.
            if (finding.IsValid)
            {
                Assert.Equal((before.Signer.Subject, before.Signer.Issuer), (finding.Signer.Subject, finding.Signer.Issuer));
                Assert.InRange(finding.Signer.SignedAt, before.Signer.SignedAt, before.Signer.SignedAt.AddSeconds(1));
                Assert.False(KeylessVerifier.Verify(mutated, Other, Root, Everybody, Demanded).IsValid);
            }
            else
            {
                // It can quote what was changed, and is escaped where it is shown.
                Assert.NotEmpty(finding.Detail);
            }
        }

        Assert.True(refused > same, $"{refused} refused, {same} unchanged");
        output.WriteLine($"figure: keyless {what}, changed bytes: {refused} refused, {same} without effect, 0 accepted with another meaning");
    }
}
