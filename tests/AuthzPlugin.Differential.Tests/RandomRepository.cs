using System.Security.Cryptography;
using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Testing.Notary;
using AuthzPlugin.Trust.Pinning;

namespace AuthzPlugin.Differential.Tests;

/// <summary>
/// A repository whose shape comes from a seed: key types, thresholds, tags, delegations with paths, certificates. The keys themselves are
/// new each time. Everything about it is good until a scenario spoils it.
/// </summary>
internal sealed class RandomRepository
{
    private static readonly string[] Words = ["latest", "stable", "1", "2", "1.0", "1.1-rc", "edge", "v3", "2026.1"];
    private static readonly Lazy<RSA[]> RsaKeys = new(() => [RSA.Create(2048), RSA.Create(2048), RSA.Create(3072)]);

    private readonly NotarySimulator _server;

    internal RandomRepository(NotarySimulator server, int number, int seed)
    {
        _server = server;
        Random = new Random(seed);
        var name = Pick("registry.example.com/diff/app", "registry.example.com:5000/diff/deep/app", "docker.io/library/diff", "localhost:5001/diff") + number;
        Metadata = new TestRepository(name, DateTimeOffset.UtcNow);
        ShapeRoot();
        ShapeRole(Metadata.Targets);
        ShapeRole(Metadata.Snapshot);
        ShapeRole(Metadata.Timestamp);
        ShapeTags(Metadata.Targets, 1);
        ShapeDelegations();
        Pins = [.. Metadata.Root.Keys.Select(k => k.Id)];
        if (Chance(0.3))
        {
            Pins.Add(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
        }
    }

    internal Random Random { get; }

    internal TestRepository Metadata { get; }

    /// <summary>Certificate ids that both clients are told to trust.</summary>
    internal List<string> Pins { get; }

    internal string Name => Metadata.Repository.Name;

    internal NotarySimulator Server => _server;

    internal TestTargets? Releases => Metadata.Targets.Delegations.FirstOrDefault(d => d.Name == "targets/releases");

    internal RootPin Pin => Metadata.PinOf(PinKind.CertIds, [.. Pins]);

    internal bool Chance(double probability) => Random.NextDouble() < probability;

    internal T Pick<T>(params T[] items) => items[Random.Next(items.Length)];

    internal PublishedMetadata Publish() => _server.Publish(Metadata);

    /// <summary>The next versions of what the server signs, published.</summary>
    internal PublishedMetadata PublishNext()
    {
        Metadata.Snapshot.Version++;
        Metadata.Timestamp.Version++;
        return Publish();
    }

    /// <summary>A role of the four or a delegation, at random.</summary>
    internal TestRole Role(params string[] names) => Pick(names) switch
    {
        "root" => Metadata.Root,
        "targets" => Metadata.Targets,
        "snapshot" => Metadata.Snapshot,
        "timestamp" => Metadata.Timestamp,
        _ => NeedReleases(),
    };

    internal TestTargets NeedReleases()
    {
        if (Releases is { } present)
        {
            return present;
        }

        var added = Metadata.Delegate("targets/releases");
        ShapeTags(added, 1);
        return added;
    }

    internal TestTargets NeedDelegation(string name, TestTargets? parent = null)
    {
        var added = Metadata.Delegate(name, parent);
        ShapeTags(added, 1);
        return added;
    }

    internal CertificateTestKey RootKey(Func<TestCertificate, TestCertificate>? change = null)
    {
        var certificate = new TestCertificate { CommonName = Name, Key = NewKey() };
        return TestKey.Certificate(change is null ? certificate : change(certificate));
    }

    internal TestKey NewRoleKey() => Random.Next(8) switch
    {
        0 => TestKey.Ecdsa(ECCurve.NamedCurves.nistP384),
        1 => TestKey.Ecdsa(ECCurve.NamedCurves.nistP521),
        2 => TestKey.Ed25519(),
        3 => TestKey.Certificate(new TestCertificate { CommonName = "anybody", Key = NewKey() }),
        4 => TestKey.Rsa(Pick(RsaKeys.Value)),
        _ => TestKey.Ecdsa(),
    };

    internal static string NewDigest() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    internal void ShapeTags(TestTargets role, int least)
    {
        foreach (var tag in Words.OrderBy(_ => Random.Next()).Take(Random.Next(least, 6)))
        {
            role.Tags[tag] = NewDigest();
        }
    }

    private AsymmetricAlgorithm NewKey() => Random.Next(6) switch
    {
        0 => Pick(RsaKeys.Value),
        1 => ECDsa.Create(ECCurve.NamedCurves.nistP384),
        _ => ECDsa.Create(ECCurve.NamedCurves.nistP256),
    };

    private void ShapeRoot()
    {
        var keys = Enumerable.Range(0, Chance(0.3) ? Random.Next(2, 4) : 1).Select(_ => RootKey(Shape)).ToList();
        Metadata.Root.Keys = [.. keys.DistinctBy(k => k.Id)];
        Metadata.Root.Threshold = Random.Next(1, Metadata.Root.Keys.Count + 1);

        TestCertificate Shape(TestCertificate c)
        {
            var named = Chance(0.2) ? c with { CommonName = Name[..(Name.IndexOf('/', StringComparison.Ordinal) + 1)] + "*" } : c;
            return Chance(0.15) ? named with { Intermediates = [new TestCertificate { CommonName = "intermediate", IsCa = true }] } : named;
        }
    }

    private void ShapeRole(TestRole role)
    {
        role.Keys = [.. Enumerable.Range(0, Random.Next(1, 4)).Select(_ => NewRoleKey()).DistinctBy(k => k.Id)];
        role.Threshold = Chance(0.4) ? Random.Next(1, role.Keys.Count + 1) : 1;
        role.Version = Random.Next(1, 30);
        role.SignWith = Chance(0.3) ? [.. role.Keys.Take(role.Threshold)] : null;
        role.Expires = role.Expires.AddMinutes(-Random.Next(60 * 24));
    }

    private void ShapeDelegations()
    {
        if (Chance(0.6))
        {
            Shape(Metadata.Delegate("targets/releases"));
            if (Chance(0.25))
            {
                Shape(Metadata.Delegate("targets/releases/sub", Releases));
            }
        }

        foreach (var name in new[] { "targets/qa", "targets/alice" }.Where(_ => Chance(0.3)))
        {
            Shape(Metadata.Delegate(name));
        }

        void Shape(TestTargets role)
        {
            ShapeRole(role);
            ShapeTags(role, 0);
            role.Paths = Pick<List<string>>([""], [""], ["1"], ["v", "2"], []);
            role.Listed = Chance(0.9);
        }
    }
}
