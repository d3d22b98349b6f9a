using System.Text;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.Cosign;
using AuthzPlugin.Trust.References;
using AuthzPlugin.Trust.Tests.Mutations;
using Xunit.Abstractions;

namespace AuthzPlugin.Trust.Tests.Cosign;

/// <summary>A changed byte of any file of a signature is refused, or changes nothing in what it says.</summary>
public class CosignMutationTests(ITestOutputHelper output)
{
    private const int Rounds = 4000;

    private static readonly CosignTestKey[] Keys = [CosignTestKey.Ecdsa(), CosignTestKey.Rsa(), CosignTestKey.Ed25519()];
    private static readonly Digest Image = Digest.FromHash(new byte[32]);
    private static readonly Digest OtherImage = Digest.FromHash([.. Enumerable.Repeat((byte)1, 32)]);
    private static readonly Dictionary<string, string> Demanded = new() { ["env"] = "prod" };

    [Fact]
    public void Bundles() => Run("bundle", key =>
    {
        var bundle = CosignFiles.Bytes(CosignFiles.Bundle(key, CosignFiles.Statement(Image, Demanded)));
        return (bundle, mutated => new BundleSignature(mutated));
    });

    [Fact]
    public void Payloads() => Run("payload", key =>
    {
        var payload = CosignFiles.Payload(Image, Demanded);
        var signature = Convert.ToBase64String(key.Sign(payload));
        return (payload, mutated => new SimpleSigningSignature(mutated, signature));
    });

    [Fact]
    public void Signatures() => Run("signature annotation", key =>
    {
        var payload = CosignFiles.Payload(Image, Demanded);
        return (Encoding.Latin1.GetBytes(Convert.ToBase64String(key.Sign(payload))),
            mutated => new SimpleSigningSignature(payload, Encoding.Latin1.GetString(mutated)));
    });

    private void Run(string what, Func<CosignTestKey, (byte[] File, Func<byte[], CosignSignature> Read)> make)
    {
        var random = new Random(20261125);
        var (same, refused) = (0, 0);
        foreach (var key in Keys)
        {
            var (file, read) = make(key);
            Assert.True(CosignVerifier.Verify(read(file), Image, [key.Public], Demanded).IsValid);
            for (var i = 0; i < Rounds / Keys.Length; i++)
            {
                var mutated = read(SingleByte.Of(file, i, random));
                var finding = CosignVerifier.Verify(mutated, Image, [key.Public], Demanded);
                _ = finding.IsValid ? same++ : refused++;

                // It never says more than before: not about another image, and not by another key.
                Assert.False(CosignVerifier.Verify(mutated, OtherImage, [key.Public], Demanded).IsValid);
                Assert.False(CosignVerifier.Verify(mutated, Image, [.. Keys.Where(k => k != key).Select(k => k.Public)], Demanded).IsValid);
            }
        }

        Assert.True(refused > same, $"{refused} refused, {same} unchanged");
        output.WriteLine($"figure: cosign {what}, changed bytes: {refused} refused, {same} without effect, 0 accepted with another meaning");
    }
}
