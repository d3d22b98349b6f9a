using System.Text.Json.Nodes;
using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Differential.Tests;

/// <summary>What the Notary client takes and we refuse, each with its rule. A rule that makes no difference any more fails the test.</summary>
internal static class StrictScenarios
{
    private const string ReleasesCount = "an expired or under-signed targets/releases is refused, not answered from targets (decisions.md, References)";
    private const string PinsAlways = "pins apply to cached roots, and to the roots that follow them (decisions.md, Pins; notary-v1.md lines 97 and 100)";
    private const string NoDuplicates = "duplicate names are refused everywhere (notary-v1.md line 111)";
    private const string AnySize = "versions are remembered, the Go client forgets the version of a cached file that is longer than the new one (notary-v1.md lines 50 and 71)";
    private const string OnlyIntegers = "canonical JSON has integers of at most 2^53-1 and nothing else (notary-v1.md 2.2)";
    private const string OneSpelling = "base64 has one spelling: unused bits are zero (notary-v1.md 8)";
    private const string OwnIds = "every listed key must stand under its own id, used or not (notary-v1.md line 6)";
    private const string RootNumbers = "the file of root version N has version N (notary-v1.md line 83)";
    private const string ReleasesStay = "a verified targets/releases that is still delegated must stay in the snapshot (DelegationWalk)";
    private const string ExactNames = "names of members are exact, Go folds their case (notary-v1.md line 112)";

    internal static IReadOnlyList<Scenario> All { get; } =
    [
        BadScenarios.Bad("targets/releases is expired", RepositoryFault.Expired, r => Releases(r).Expires = r.Metadata.Now.AddHours(-1), ReleasesCount),
        BadScenarios.Bad("targets/releases is signed by a stranger", RepositoryFault.SignatureThreshold, r => Releases(r).SignWith = [TestKey.Ecdsa()], ReleasesCount),
        BadScenarios.Later("the pin changes", RepositoryFault.PinMismatch, r =>
        {
            r.Pins.Clear();
            r.Pins.Add(RandomRepository.NewDigest());
        }, PinsAlways),
        BadScenarios.Later("a rotation to a key that is not pinned", RepositoryFault.PinMismatch, r =>
        {
            r.Metadata.Root.Threshold = 1;
            r.Metadata.RotateRoot(r.RootKey());
            r.Metadata.Snapshot.Version++;
            r.Metadata.Timestamp.Version++;
        }, PinsAlways),
        BadScenarios.Later("targets go back and are shorter", RepositoryFault.Rollback, r =>
        {
            r.Metadata.Targets.Tags.Remove(r.Metadata.Targets.Tags.Keys.First());
            r.Metadata.Targets.Version--;
            r.Metadata.Snapshot.Version++;
            r.Metadata.Timestamp.Version++;
        }, AnySize),
        BadScenarios.Bad("a name twice beside the signed part", RepositoryFault.Malformed, r => r.Role("timestamp", "snapshot", "targets").Corrupt = f => [.. "{\"signatures\":[],"u8, .. f.AsSpan(1)], NoDuplicates),
        BadScenarios.Bad("an integer written as a fraction", RepositoryFault.Malformed, r => PlainNumber(r, "1", "1.0"), OnlyIntegers),
        BadScenarios.Bad("base64 with unused bits", RepositoryFault.Malformed, UnusedBits, OneSpelling),
        BadScenarios.Bad("an unused key under another id", RepositoryFault.InvalidKeyId, r => r.Metadata.Targets.Change = s => s["delegations"]!["keys"]![RandomRepository.NewDigest()] = Key(TestKey.Ecdsa()), OwnIds),
        BadScenarios.Later("a root under the number of another", RepositoryFault.RootRotation, r =>
        {
            GoodScenarios.Rotate(r, 1);
            var early = r.Metadata.Root.Version;
            r.Metadata.RotateRoot(null);
            r.Metadata.Root.Version++;
            var late = r.Metadata.PublishRoot();
            r.PublishNext();
            r.Server.Put(r.Metadata, $"{early + 1}.root", late);
        }, RootNumbers, publish: false),
        BadScenarios.Later("targets/releases leaves the snapshot", RepositoryFault.MissingMetadata, r =>
        {
            r.Releases!.Listed = false;
            r.Metadata.Snapshot.Version++;
            r.Metadata.Timestamp.Version++;
        }, ReleasesStay, prepare: r => Releases(r)),
        BadScenarios.Bad("a member in another case", RepositoryFault.Malformed, r => r.Metadata.Targets.Change = s =>
        {
            s["VERSION"] = s["version"]!.DeepClone();
            s.Remove("version");
        }, ExactNames),
    ];

    private static TestTargets Releases(RandomRepository r)
    {
        var releases = r.NeedReleases();
        releases.Listed = true;
        GoodScenarios.ResetSigners(releases);
        return releases;
    }

    // Signed as 1, written as 1.0: the canonical form of both is 1.
    private static void PlainNumber(RandomRepository r, string from, string to)
    {
        r.Metadata.Targets.Change = s => s["custom"] = new JsonObject { ["n"] = 1 };
        r.Metadata.Targets.Corrupt = f => Layouts.Replace(f, $"\"n\":{from}", $"\"n\":{to}");
    }

    // Signatures of 64 bytes end in two padding characters, so the last digit before them has four unused bits.
    private static void UnusedBits(RandomRepository r)
    {
        r.Metadata.Targets.Keys = [TestKey.Ecdsa()];
        GoodScenarios.ResetSigners(r.Metadata.Targets);
        r.Metadata.Targets.Corrupt = f => Layouts.Edit(f, e =>
        {
            var text = e["signatures"]![0]!["sig"]!.GetValue<string>();
            const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
            var last = Alphabet.IndexOf(text[^3], StringComparison.Ordinal);
            e["signatures"]![0]!["sig"] = text[..^3] + Alphabet[last + 1] + "==";
        });
    }

    private static JsonObject Key(TestKey key) => new()
    {
        ["keytype"] = key.KeyType,
        ["keyval"] = new JsonObject { ["private"] = null, ["public"] = Convert.ToBase64String(key.PublicBytes) },
    };
}
