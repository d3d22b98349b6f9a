using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Trust.Cryptography;
using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.Tests.Vectors;

namespace AuthzPlugin.Trust.Tests.Cryptography;

/// <summary>The vectors of RFC 8032 7.1 (vectors/ed25519-rfc8032.txt).</summary>
public sealed class Ed25519Tests
{
    public static TheoryData<string, byte[], byte[], byte[], byte[]> Vectors
    {
        get
        {
            var data = new TheoryData<string, byte[], byte[], byte[], byte[]>();
            foreach (var line in File.ReadLines(VectorFiles.PathOf("ed25519-rfc8032.txt")).Where(l => !l.StartsWith('#')))
            {
                var parts = line.Split(' ');
                data.Add(parts[0], Hex(parts[1]), Hex(parts[2]), parts[3] == "-" ? [] : Hex(parts[3]), Hex(parts[4]));
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Published_signatures_are_good_and_any_change_of_them_is_not(
        string name, byte[] seed, byte[] publicKey, byte[] message, byte[] signature)
    {
        var key = new PublicKey("ed25519", publicKey);

        Assert.True(SignatureVerifier.Verify(key, "eddsa", message, signature), name);
        Assert.Equal(signature, Ed25519Signing.Sign(seed, message));
        for (var i = 0; i < signature.Length; i++)
        {
            var changed = (byte[])signature.Clone();
            changed[i] ^= 1;
            Assert.False(SignatureVerifier.Verify(key, "eddsa", message, changed), $"{name}, byte {i}");
        }

        Assert.False(SignatureVerifier.Verify(key, "eddsa", [.. message, 0], signature), name);
    }

    [Theory]
    [InlineData("L018 key of 31 bytes", 31, 64)]
    [InlineData("L018 key of 33 bytes", 33, 64)]
    [InlineData("L018 signature of 63 bytes", 32, 63)]
    [InlineData("L018 signature of 65 bytes", 32, 65)]
    [InlineData("L018 nothing", 0, 0)]
    public void Other_sizes_are_no_signature(string name, int keySize, int signatureSize) =>
        Assert.False(SignatureVerifier.Verify(new PublicKey("ed25519", new byte[keySize]), "eddsa", "x"u8, new byte[signatureSize]), name);

    private static byte[] Hex(string text) => Convert.FromHexString(text);
}
