using System.Security.Cryptography;
using System.Text;
using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Trust.Cryptography;
using AuthzPlugin.Trust.Metadata;
using FsCheck.Fluent;

namespace AuthzPlugin.Trust.Tests.Cryptography;

/// <summary>Lines 11 to 21 of notary-v1.md 7.</summary>
public sealed class SignatureVerifierTests
{
    private static readonly byte[] Message = [.. "message"u8];
    private static readonly RSA Rsa2048 = RSA.Create(2048);
    private static readonly RSA Rsa1024 = RSA.Create(1024);

    private static readonly string[] Methods = ["ecdsa", "rsapss", "rsapkcs1v15", "eddsa", "pycrypto-pkcs#1 pss"];

    public static TheoryData<string, TestKey> Keys => new()
    {
        { "L013 ecdsa P-256", TestKey.Ecdsa() },
        { "L013 ecdsa P-384", TestKey.Ecdsa(ECCurve.NamedCurves.nistP384) },
        { "L013 ecdsa P-521", TestKey.Ecdsa(ECCurve.NamedCurves.nistP521) },
        { "L015 rsa", new RsaTestKey(Rsa2048) },
        { "L017 ecdsa-x509", TestKey.Certificate("any") },
        { "L017 rsa-x509", TestKey.Certificate(new TestCertificate { CommonName = "any", Key = Rsa2048 }) },
        { "L018 ed25519", TestKey.Ed25519() },
    };

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_key_verifies_its_own_signature_and_no_changed_one(string name, TestKey key)
    {
        var signature = key.Sign(Message);
        var listed = new PublicKey(key.KeyType, key.PublicBytes);

        Assert.Equal(key.Id, listed.Id);
        Assert.True(SignatureVerifier.Verify(listed, key.Method, Message, signature), name);
        Assert.True(SignatureVerifier.Verify(listed, key.Method.ToUpperInvariant(), Message, signature), "L021 " + name);
        Assert.False(SignatureVerifier.Verify(listed, key.Method, "other"u8, signature), name);
        Assert.False(SignatureVerifier.Verify(listed, "foo", Message, signature), "L020 " + name);
        foreach (var i in (int[])[0, signature.Length / 2, signature.Length - 1])
        {
            var changed = (byte[])signature.Clone();
            changed[i] ^= 0x40;
            Assert.False(SignatureVerifier.Verify(listed, key.Method, Message, changed), $"L012 L015 {name}, byte {i}");
        }
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Signatures_of_another_length_are_no_signatures(string name, TestKey key)
    {
        var signature = key.Sign(Message);
        var listed = new PublicKey(key.KeyType, key.PublicBytes);

        foreach (byte[] other in (byte[][])[[], signature[1..], signature[..^1], [.. signature, 0], [0, .. signature], [.. signature, .. signature]])
        {
            Assert.False(SignatureVerifier.Verify(listed, key.Method, Message, other), $"L011 {name}, {other.Length} bytes");
        }
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_method_of_another_key_type_verifies_nothing(string name, TestKey key)
    {
        var listed = new PublicKey(key.KeyType, key.PublicBytes);

        foreach (var method in Methods.Where(m => m != key.Method))
        {
            Assert.False(SignatureVerifier.Verify(listed, method, Message, key.Sign(Message)), $"L014 L015 {name} as {method}");
        }
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_key_listed_as_another_type_verifies_nothing(string name, TestKey key)
    {
        foreach (var type in (string[])["ecdsa", "rsa", "ecdsa-x509", "rsa-x509", "ed25519", "ECDSA", "unknown", ""])
        {
            if (type != key.KeyType)
            {
                Assert.False(SignatureVerifier.Verify(new PublicKey(type, key.PublicBytes), key.Method, Message, key.Sign(Message)), $"{name} as {type}");
            }
        }
    }

    [Fact]
    public void L011_an_ecdsa_signature_in_DER_is_refused()
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var key = new PublicKey("ecdsa", ecdsa.ExportSubjectPublicKeyInfo());
        var der = ecdsa.SignData(Message, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

        Assert.False(SignatureVerifier.Verify(key, "ecdsa", Message, der));
    }

    [Fact]
    public void L013_the_hash_is_SHA256_on_every_curve()
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var key = new PublicKey("ecdsa", ecdsa.ExportSubjectPublicKeyInfo());

        Assert.False(SignatureVerifier.Verify(key, "ecdsa", Message, ecdsa.SignData(Message, HashAlgorithmName.SHA384)));
    }

    [Fact]
    public void Only_the_three_NIST_curves_count()
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.brainpoolP256r1);
        var key = new PublicKey("ecdsa", ecdsa.ExportSubjectPublicKeyInfo());

        Assert.False(SignatureVerifier.Verify(key, "ecdsa", Message, ecdsa.SignData(Message, HashAlgorithmName.SHA256)));
    }

    [Theory]
    [InlineData("rsapss")]
    [InlineData("rsapkcs1v15")]
    public void L016_an_RSA_key_of_1024_bits_is_too_short(string method)
    {
        var key = new PublicKey("rsa", Rsa1024.ExportSubjectPublicKeyInfo());
        var signature = Rsa1024.SignData(Message, HashAlgorithmName.SHA256, PaddingOf(method));

        Assert.False(SignatureVerifier.Verify(key, method, Message, signature));
    }

    [Fact]
    public void L015_PKCS1_signatures_verify_under_their_own_method_alone()
    {
        var key = new PublicKey("rsa", Rsa2048.ExportSubjectPublicKeyInfo());
        var signature = Rsa2048.SignData(Message, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

        Assert.True(SignatureVerifier.Verify(key, "rsapkcs1v15", Message, signature));
        Assert.False(SignatureVerifier.Verify(key, "rsapss", Message, signature));
        signature[7] ^= 1;
        Assert.False(SignatureVerifier.Verify(key, "rsapkcs1v15", Message, signature));
    }

    [Fact]
    public void L015_a_PSS_salt_of_another_length_is_refused()
    {
        // Made with: openssl dgst -sha256 -sign key.pem -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20
        var facts = Vectors.VectorFiles.ReadFacts("rsapss-salt.txt");
        var key = new PublicKey("rsa", Convert.FromBase64String(facts["public"].Single()));

        Assert.True(SignatureVerifier.Verify(key, "rsapss", Message, Convert.FromBase64String(facts["salt-32"].Single())));
        Assert.False(SignatureVerifier.Verify(key, "rsapss", Message, Convert.FromBase64String(facts["salt-20"].Single())));
    }

    [Fact]
    public void L019_PyCrypto_keys_are_PEM_text_under_the_type_rsa()
    {
        var pem = Encoding.ASCII.GetBytes(Rsa2048.ExportSubjectPublicKeyInfoPem());
        var signature = Rsa2048.SignData(Message, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);

        Assert.True(SignatureVerifier.Verify(new PublicKey("rsa", pem), "pycrypto-pkcs#1 pss", Message, signature));
        Assert.False(SignatureVerifier.Verify(new PublicKey("rsa-x509", pem), "pycrypto-pkcs#1 pss", Message, signature));
        Assert.False(SignatureVerifier.Verify(new PublicKey("rsa", pem), "rsapss", Message, signature));
        Assert.False(SignatureVerifier.Verify(new PublicKey("rsa", Rsa2048.ExportSubjectPublicKeyInfo()), "pycrypto-pkcs#1 pss", Message, signature));
    }

    [Fact]
    public void A_key_with_bytes_after_it_is_no_key()
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var signature = ecdsa.SignData(Message, HashAlgorithmName.SHA256);

        Assert.False(SignatureVerifier.Verify(new PublicKey("ecdsa", (byte[])[.. ecdsa.ExportSubjectPublicKeyInfo(), 0]), "ecdsa", Message, signature));
    }

    [Fact]
    public void No_key_bytes_whatever_make_it_throw() =>
        FsCheck.Check.QuickThrowOnFailure(Prop.ForAll<byte[], byte[]>((bytes, signature) =>
        {
            var pem = Encoding.ASCII.GetBytes(PemEncoding.Write("CERTIFICATE", bytes));
            return Methods.All(m =>
                !SignatureVerifier.Verify(new PublicKey("ecdsa", bytes), m, Message, signature)
                && !SignatureVerifier.Verify(new PublicKey("rsa", bytes), m, Message, signature)
                && !SignatureVerifier.Verify(new PublicKey("rsa-x509", pem), m, Message, signature)
                && !SignatureVerifier.Verify(new PublicKey("ed25519", bytes), m, Message, signature));
        }));

    [Fact]
    public void No_damaged_key_makes_it_throw()
    {
        TestKey[] keys = [TestKey.Ecdsa(), new RsaTestKey(Rsa2048)];
        var certificate = new TestCertificate { CommonName = "any" };
        var der = certificate.ToDer();
        var signatures = keys.Select(k => k.Sign(Message)).ToArray();
        for (var i = 0; i < der.Length; i++)
        {
            foreach (var (key, signature) in keys.Zip(signatures))
            {
                var damaged = (byte[])key.PublicBytes.Clone();
                damaged[i % damaged.Length] ^= (byte)(1 + (i % 255));
                _ = SignatureVerifier.Verify(new PublicKey(key.KeyType, damaged), key.Method, Message, signature);
            }

            var changed = (byte[])der.Clone();
            changed[i] ^= 0x21;
            var pem = Encoding.ASCII.GetBytes(TestCertificate.ToPem(changed));
            Assert.False(SignatureVerifier.Verify(new PublicKey("ecdsa-x509", pem), "ecdsa", Message, signatures[0]));
        }
    }

    private static RSASignaturePadding PaddingOf(string method) => method == "rsapss" ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1;
}
