using System.Security.Cryptography;
using AuthzPlugin.Testing.Metadata;

namespace AuthzPlugin.Benchmarks.World;

/// <summary>Signs repositories that all have the same root key, in a certificate of their own name each: one pin covers them.</summary>
internal sealed class Publisher
{
    private readonly ECDsa _rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>The canonical id of the root key.</summary>
    public string Pin => RootKey("any").CanonicalId;

    /// <param name="tags">The first is <see cref="Names.Tag"/>; more make a large repository.</param>
    public TestRepository Repository(string name, int tags = 1)
    {
        var repository = new TestRepository(name, DateTimeOffset.UtcNow);
        repository.Root.Keys = [RootKey(name)];
        repository.Targets.Tags[Names.Tag] = Names.DigestOf(name);
        for (var i = 1; i < tags; i++)
        {
            repository.Targets.Tags[$"tag-{i}"] = Names.DigestOf($"{name} {i}");
        }

        return repository;
    }

    /// <summary>New keys for everything but the root, as after a theft.</summary>
    public static void Rotate(TestRepository repository)
    {
        foreach (var role in (TestRole[])[repository.Targets, repository.Snapshot, repository.Timestamp])
        {
            role.Keys = [TestKey.Ecdsa()];
            role.Version++;
        }

        repository.RotateRoot(null);
    }

    private CertificateTestKey RootKey(string name) => TestKey.Certificate(new TestCertificate { CommonName = name, Key = _rootKey });
}
