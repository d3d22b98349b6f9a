using System.Security.Cryptography;
using System.Text.Json.Nodes;
using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Differential.Tests;

/// <summary>Broken and hostile repositories that both clients must refuse.</summary>
internal static class BadScenarios
{
    private static readonly string[] Online = ["timestamp", "snapshot", "targets"];

    internal static IReadOnlyList<Scenario> All { get; } =
    [
        Bad("a wrong _type", RepositoryFault.Malformed, r => r.Role("timestamp", "snapshot", "targets", "root").Change = s => s["_type"] = r.Pick("targets", "Other", "")),
        Bad("version 0", RepositoryFault.Malformed, r => r.Role("timestamp", "snapshot", "targets", "root").Version = 0),
        Bad("a version that is a text", RepositoryFault.Malformed, r => r.Role(Online).Change = s => s["version"] = "7"),
        Bad("expires that is no time", RepositoryFault.Malformed, r => r.Role(Online).Change = s => s["expires"] = "tomorrow"),
        Bad("a time with an escape", RepositoryFault.Malformed, r => r.Role(Online).Corrupt = f => Layouts.Replace(f, "+00:00\"", "\\u002b00:00\"")),
        Bad("half a file", RepositoryFault.Malformed, r => r.Role(Online).Corrupt = f => f[..(f.Length / 2)]),
        Bad("a delegation outside its parent", RepositoryFault.Malformed, r => r.Metadata.Targets.Delegations.Add(new TestTargets(r.Pick("root", "targets/a/b", "other/x", "targets/Upper"), r.Metadata.Now.AddYears(1), TestKey.Ecdsa()) { Listed = false })),
        Bad("a delegation with threshold 0", RepositoryFault.Malformed, r => r.NeedReleases().Threshold = 0),
        Bad("a root without a role", RepositoryFault.Malformed, r => r.Metadata.Root.Change = s => s["roles"]!.AsObject().Remove(r.Pick("root", "targets", "snapshot", "timestamp"))),
        Bad("a root that names a key it does not list", RepositoryFault.Malformed, r => r.Metadata.Root.Change = s => s["roles"]!["targets"]!["keyids"]!.AsArray().Add(RandomRepository.NewDigest())),
        Bad("a snapshot hash of another length", RepositoryFault.Malformed, r => r.Metadata.ChangeSnapshotMeta = m => m["targets"]!["hashes"]!["sha256"] = Convert.ToBase64String(new byte[31])),
        Bad("a snapshot without targets", RepositoryFault.Malformed, r => r.Metadata.ChangeSnapshotMeta = m => m.Remove("targets")),
        Bad("a timestamp of more than a MiB", RepositoryFault.TooLarge, r => r.Metadata.Timestamp.Change = s => s["padding"] = new string('x', 1_100_000)),
        Bad("a file longer than it is listed", RepositoryFault.TooLarge, r => r.Metadata.ChangeSnapshotMeta = m => m["targets"]!["length"] = m["targets"]!["length"]!.GetValue<int>() - r.Random.Next(1, 90)),
        Bad("a delegation longer than it is listed", RepositoryFault.TooLarge, r =>
        {
            r.NeedReleases().Listed = true;
            r.Metadata.ChangeSnapshotMeta = m => m["targets/releases"]!["length"] = 10;
        }),
        After("another byte in a file", RepositoryFault.ChecksumMismatch, (r, files) => Overwrite(r, files, r.Pick("snapshot", "targets"), f => Layouts.Replace(f, "\"version\"", "\"Version\""))),
        After("a shorter file", RepositoryFault.ChecksumMismatch, (r, files) => Overwrite(r, files, r.Pick("snapshot", "targets"), f => f[..^1])),
        After("a file that is lost", RepositoryFault.MissingMetadata, (r, files) => r.Server.Remove(r.Metadata, HashName(files, r.Pick("snapshot", "targets")))),
        Bad("a wrong signature", RepositoryFault.SignatureThreshold, r => r.Role(Online).Corrupt = Layouts.FlipSignature),
        Bad("signed by a stranger", RepositoryFault.SignatureThreshold, r => r.Role(Online).SignWith = [TestKey.Ecdsa()]),
        Bad("a threshold that nobody meets", RepositoryFault.SignatureThreshold, r =>
        {
            var role = r.Role(Online);
            role.Threshold = role.Keys.Count + 1;
        }),
        Bad("one key twice for threshold 2", RepositoryFault.SignatureThreshold, r =>
        {
            var role = r.Role(Online);
            role.Keys = [TestKey.Ecdsa(), TestKey.Ecdsa()];
            role.Threshold = 2;
            role.SignWith = [role.Keys[0], role.Keys[0]];
        }),
        Bad("a root signed by a stranger", RepositoryFault.SignatureThreshold, r => r.Metadata.Root.SignWith = [r.RootKey()]),
        Bad("an unknown method", RepositoryFault.SignatureThreshold, r => r.Role(Online).Corrupt = f => Layouts.Edit(f, e =>
        {
            foreach (var signature in e["signatures"]!.AsArray())
            {
                signature!["method"] = r.Pick("foo", "", "eddsa2", "rsa");
            }
        })),
        Bad("no signatures", RepositoryFault.Unsigned, r => r.Role(Online).SignWith = []),
        Bad("a delegation without signatures", RepositoryFault.Unsigned, r =>
        {
            var releases = r.NeedReleases();
            releases.Listed = true;
            releases.SignWith = [];
        }),
        Bad("a root without signatures", RepositoryFault.Unsigned, r => r.Metadata.Root.SignWith = []),
        Bad("a key under another id", RepositoryFault.InvalidKeyId, WrongKeyId),
        Bad("expired", RepositoryFault.Expired, r => r.Role("timestamp", "snapshot", "targets", "root").Expires = r.Metadata.Now.AddSeconds(-r.Random.Next(1, 100_000))),
        Bad("no time of expiry", RepositoryFault.Expired, r => r.Role(Online).Change = s => s["expires"] = null),
        Bad("a certificate for another name", RepositoryFault.RootCertificate, r => Root(r, c => c with { CommonName = r.Pick("other", c.CommonName + "x", "*x", "registry.example.org/*") })),
        Bad("an expired certificate", RepositoryFault.RootCertificate, r => Root(r, c => c with { NotAfter = r.Metadata.Now.AddDays(-1) })),
        Bad("a certificate of the future", RepositoryFault.RootCertificate, r => Root(r, c => c with { NotBefore = r.Metadata.Now.AddDays(3) })),
        Bad("a SHA-1 certificate", RepositoryFault.RootCertificate, r => Root(r, c => c with { Key = RSA.Create(2048), Hash = HashAlgorithmName.SHA1 })),
        Bad("only a CA certificate", RepositoryFault.RootCertificate, r => Root(r, c => c with { IsCa = true })),
        Bad("two leaves in a bundle", RepositoryFault.RootCertificate, r => Root(r, c => c with { Intermediates = [new TestCertificate { CommonName = c.CommonName }] })),
        Bad("a plain root key", RepositoryFault.RootCertificate, r =>
        {
            r.Metadata.Root.Keys = [TestKey.Ecdsa()];
            r.Metadata.Root.Threshold = 1;
            r.Pins.Add(r.Metadata.Root.Keys[0].Id);
        }),
        Bad("a bundle in another layout", RepositoryFault.RootCertificate, r => OddBundle(r, pem => r.Pick(pem.Replace("\n", "\r\n", StringComparison.Ordinal), "text\n" + pem, pem + "\n", pem.TrimEnd()))),
        Bad("an expired intermediate", RepositoryFault.RootCertificate, r => Root(r, c => c with { Intermediates = [new TestCertificate { CommonName = "ca", IsCa = true, NotAfter = r.Metadata.Now.AddDays(-1) }] })),
        Bad("another pin", RepositoryFault.PinMismatch, r =>
        {
            r.Pins.Clear();
            r.Pins.Add(RandomRepository.NewDigest());
        }),
        Bad("the pin is the id of another role's key", RepositoryFault.PinMismatch, r =>
        {
            r.Pins.Clear();
            r.Pins.Add(r.Metadata.Targets.Keys[0].Id);
        }),
        After("nothing is there", RepositoryFault.NotFound, (r, _) => r.Server.RemoveAll(r.Metadata)),
        After("no root is there", RepositoryFault.NotFound, (r, _) => r.Server.Remove(r.Metadata, "root")),
        Later("the timestamp goes back", RepositoryFault.Rollback, r => r.Metadata.Timestamp.Version--),
        Later("everything goes back", RepositoryFault.Rollback, r =>
        {
            r.Metadata.Timestamp.Version--;
            r.Metadata.Snapshot.Version--;
            r.Metadata.Targets.Version--;
        }),
        Later("targets go back", RepositoryFault.Rollback, r =>
        {
            // Not shorter than before: see the strict scenario.
            r.Metadata.Targets.Tags["another"] = RandomRepository.NewDigest();
            r.Metadata.Targets.Version--;
            r.Metadata.Snapshot.Version++;
            r.Metadata.Timestamp.Version++;
        }),
        Later("a root without the old signature", RepositoryFault.RootRotation, r =>
        {
            var key = r.RootKey();
            r.Pins.Add(key.Id);
            r.Metadata.Root.SignWith = [key];
            r.Metadata.Root.Threshold = 1;
            r.Metadata.RotateRoot(key);
            r.PublishNext();
        }),
        Later("a root between is lost", RepositoryFault.RootRotation, r =>
        {
            GoodScenarios.Rotate(r, 3);
            r.Server.Remove(r.Metadata, $"{r.Metadata.Root.Version - 1}.root");
        }, publish: false),
    ];

    internal static Scenario Bad(string name, RepositoryFault fault, Action<RandomRepository> spoil, string? strict = null, int repeats = 4) =>
        new(name, repeats, fault, strict, r => [Do(() =>
        {
            spoil(r);
            r.Publish();
        })]);

    internal static Scenario After(string name, RepositoryFault fault, Action<RandomRepository, PublishedMetadata> spoil, string? strict = null) =>
        new(name, 5, fault, strict, r => [Do(() => spoil(r, r.Publish()))]);

    internal static Scenario Later(
        string name, RepositoryFault fault, Action<RandomRepository> spoil, string? strict = null, bool publish = true,
        Action<RandomRepository>? prepare = null) =>
        new(name, 4, fault, strict, r => new Func<bool>[]
        {
            () => Do(() =>
            {
                prepare?.Invoke(r);
                r.Metadata.Targets.Version++;
                r.Metadata.Snapshot.Version++;
                r.Metadata.Timestamp.Version++;
                r.Publish();
            }),
            () => Do(() =>
            {
                spoil(r);
                if (publish)
                {
                    r.Publish();
                }
            }),
        }.Select(step => step()));

    internal static void Overwrite(RandomRepository r, PublishedMetadata files, string role, Func<byte[], byte[]> change) =>
        r.Server.Put(r.Metadata, HashName(files, role), change(files[role]));

    internal static string HashName(PublishedMetadata files, string role) => $"{role}.{Convert.ToHexStringLower(SHA256.HashData(files[role]))}";

    internal static void Root(RandomRepository r, Func<TestCertificate, TestCertificate> change)
    {
        var key = r.RootKey(change);
        r.Metadata.Root.Keys = [key];
        r.Metadata.Root.Threshold = 1;
        r.Pins.Add(key.Id);
    }

    private static bool Do(Action action)
    {
        action();
        return true;
    }

    private static void OddBundle(RandomRepository r, Func<string, string> change)
    {
        var certificate = new TestCertificate { CommonName = r.Name };
        var key = new CertificateTestKey(certificate.Key, change(TestCertificate.ToPem(certificate.ToDer())));
        r.Metadata.Root.Keys = [key];
        r.Metadata.Root.Threshold = 1;
        r.Pins.Add(key.Id);
    }

    // The role's only key stands under another id, and so does its signature.
    private static void WrongKeyId(RandomRepository r)
    {
        var role = r.Role(Online);
        var key = TestKey.Ecdsa();
        var wrong = RandomRepository.NewDigest();
        role.Keys = [key];
        GoodScenarios.ResetSigners(role);
        r.Metadata.Root.Change = s =>
        {
            var keys = s["keys"]!.AsObject();
            keys[wrong] = keys[key.Id]!.DeepClone();
            keys.Remove(key.Id);
            s["roles"]![role.Name]!["keyids"] = new JsonArray(wrong);
        };
        role.Corrupt = f => Layouts.Replace(f, key.Id, wrong);
    }
}
