using System.Collections.Frozen;
using System.Globalization;
using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Trust.Certificates;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Json;
using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.Pinning;
using AuthzPlugin.Trust.References;
using AuthzPlugin.Trust.Tests.Verification;
using AuthzPlugin.Trust.Verification;

namespace AuthzPlugin.Trust.Tests.Vectors;

/// <summary>Repositories made by the real Notary 0.7 client and server (vectors/notary-0.7/make.sh), at the time they were made.</summary>
public sealed class NotaryVectorTests
{
    private readonly ILookup<string, string> _facts = VectorFiles.ReadFacts("notary-0.7/facts.txt");
    private readonly RepositoryName _repository;

    public NotaryVectorTests()
    {
        Assert.True(ImageReferenceParser.TryParseNamed(_facts["repository"].Single(), out var reference, out _));
        _repository = reference.Repository;
    }

    private DateTimeOffset MadeAt => DateTimeOffset.Parse(_facts["made-at"].Single(), CultureInfo.InvariantCulture);

    [Fact]
    public void A_first_publication_is_verified_by_canonical_key_and_by_certificate()
    {
        var files = Read("first", "root", "timestamp", "snapshot", "targets");
        var verified = NewSet(PinKind.RootKeys, [.. _facts["root-key"]]).LoadAll(files);

        Assert.Equal(_facts["digest-one"].Single(), verified.FindTag("1")!.Digest.ToString());
        Assert.Equal(RoleName.Targets, verified.FindTag("latest")!.Role);
        Assert.Null(verified.FindTag("2"));
        Assert.Contains(verified.RootKeyIds.Single(), _facts["root-key"]);

        var byCertificate = NewSet(PinKind.CertIds, [.. verified.RootCertificateIds]).LoadAll(files);
        Assert.Equal(3, byCertificate.TagCount);
    }

    [Fact]
    public void A_delegation_signed_by_a_certificate_key_speaks_before_targets()
    {
        var files = Read("delegated", "root", "timestamp", "snapshot", "targets", "targets/releases");
        var verified = NewSet(PinKind.RootKeys, [.. _facts["root-key"]]).LoadAll(files);

        Assert.Equal(new TrustedTag("2", DigestOf("digest-two"), RoleName.Releases), verified.FindTag("2"));
        Assert.Equal(new TrustedTag("latest", DigestOf("digest-two"), RoleName.Releases), verified.FindTag("latest"));
        Assert.Equal(["1", "custom"], verified.FindDigest(DigestOf("digest-one")).Select(t => t.Tag));
        Assert.Equal([RoleName.Targets, RoleName.Releases], verified.TagRoles("latest"));
    }

    [Fact]
    public void A_chain_of_roots_is_followed_through_a_snapshot_key_and_a_root_key_rotation()
    {
        var files = Read("rotated", "root", "timestamp", "snapshot", "targets", "targets/releases");
        var set = NewSet(PinKind.RootKeys, [.. _facts["root-key"]]);

        set.LoadRoot(VectorFiles.Read("notary-0.7/rotated/1.root.json"));
        set.LoadNextRoot(VectorFiles.Read("notary-0.7/rotated/2.root.json"), 2);
        set.LoadNextRoot(VectorFiles.Read("notary-0.7/rotated/3.root.json"), 3);
        set.CompleteRoot();
        var verified = set.LoadAllBelowRoot(files);

        Assert.Equal([RoleName.Snapshot], verified.RotatedRoles);
        Assert.Equal(3, verified.Versions[RoleName.Root]);
        Assert.Equal(DigestOf("digest-two"), verified.FindTag("2")!.Digest);
    }

    [Fact]
    public void The_root_after_a_rotation_does_not_satisfy_a_pin_of_the_old_key_alone()
    {
        var files = Read("rotated", "root");
        var old = Loaded("notary-0.7/rotated/1.root.json");

        Loading.Fails(RepositoryFault.PinMismatch, "root", () => NewSet(PinKind.RootKeys, [old]).LoadRoot(files["root"]));
    }

    [Fact]
    public void The_timestamp_expires_after_a_fortnight()
    {
        var files = Read("first", "root", "timestamp", "snapshot", "targets");
        var set = NewSet(PinKind.RootKeys, [.. _facts["root-key"]], MadeAt.AddDays(15));

        Loading.Fails(RepositoryFault.Expired, "timestamp", () => set.LoadAll(files));
    }

    [Theory]
    [InlineData("first/root.json")]
    [InlineData("first/targets.json")]
    [InlineData("first/timestamp.json")]
    [InlineData("rotated/3.root.json")]
    [InlineData("rotated/snapshot.json")]
    public void Signed_bytes_of_the_real_client_are_canonical_and_found_again_from_any_layout(string path)
    {
        var file = VectorFiles.Read("notary-0.7/" + path);
        var signed = StrictJson.Parse(file, 32, 100_000).Root.Get("signed");
        var canonical = CanonicalJson.Of(signed);

        Assert.Equal(signed.Json.Raw(signed.Index).ToArray(), canonical.ToArray());
        var spread = JsonLayouts.Spread(canonical.ToArray());
        Assert.Equal(canonical.ToArray(), CanonicalJson.Of(StrictJson.Parse(spread, 32, 100_000).Root).ToArray());
    }

    private static string Loaded(string path)
    {
        var file = MetadataFile.Parse(RoleName.Root, VectorFiles.Read(path), MetadataLimits.Default);
        var listed = RootMetadata.Read(file, MetadataLimits.Default).Root.Keys.Values.Single();
        return RootKey.TryRead(listed, 16, out _)!.CanonicalId;
    }

    private static PublishedMetadata Read(string folder, params string[] roles) => new(
        roles.ToDictionary(r => r, r => VectorFiles.Read($"notary-0.7/{folder}/{r}.json"), StringComparer.Ordinal),
        new Dictionary<long, byte[]>());

    private Digest DigestOf(string fact) =>
        Digest.TryParse(_facts[fact].Single(), out var digest) ? digest : throw new InvalidDataException(fact);

    private TrustedMetadataSet NewSet(PinKind kind, string[] ids, DateTimeOffset? now = null) => new(
        _repository,
        new RootPin("registry.example.com/team/*", kind, ids.ToFrozenSet(StringComparer.Ordinal)),
        now ?? MadeAt.AddHours(1),
        MetadataLimits.Default,
        VersionFloors.None,
        allowExpired: false);
}
