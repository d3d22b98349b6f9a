using System.Collections.Frozen;
using System.Text.Json.Nodes;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Enforcement.Signatures;
using AuthzPlugin.Testing.Notary;
using AuthzPlugin.Testing.Registry;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Notation;

namespace AuthzPlugin.Enforcement.Tests.Signatures;

/// <summary>Where signatures of the Notary Project are found, what they come to under a trust policy, and how long that counts.</summary>
public sealed class FindingNotation : IAsyncLifetime
{
    private static readonly DateTimeOffset LongAgo = DateTimeOffset.UnixEpoch.AddYears(40);

    private readonly NotationSigner _signer = NotationSigner.Make(
        new CertificateShape { NotBefore = LongAgo }, CertificateShape.Authority() with { NotBefore = LongAgo });

    private SignatureLab _lab = null!;

    public async Task InitializeAsync() => _lab = await SignatureLab.StartAsync();

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [Theory]
    [InlineData(NotationFormat.Jws, true, false)]
    [InlineData(NotationFormat.Cose, true, false)]
    [InlineData(NotationFormat.Jws, false, false)]
    [InlineData(NotationFormat.Cose, false, true)]
    public async Task A_signature_is_found_by_the_list_of_the_registry_or_the_fallback_tag(NotationFormat format, bool hasReferrers, bool isLegacy)
    {
        _lab.Registry.HasReferrers = hasReferrers;
        var image = _lab.Registry.PutOciImage(SignatureLab.Path, "1", "one");
        Assert.Equal(0, (await FindAsync(image)).SignatureCount);
        _lab.Time.Advance(TimeSpan.FromMinutes(1));

        _lab.Registry.SignNotation(SignatureLab.Path, image, _signer.Sign(format, NotationSigner.Payload(image)), isLegacy);
        if (!hasReferrers)
        {
            _lab.Registry.PutFallbackIndex(SignatureLab.Path, image.Digest);
        }

        var found = await FindAsync(image);
        Assert.True(found.IsEnough, string.Join('\n', found.Lines));
        Assert.Equal(["CN=signer,O=Acme,L=Seattle,ST=WA,C=US"], found.Signers);
        Assert.Equal(_signer.Chain[0].Certificate.NotAfter.ToUniversalTime(), found.CountsUntil!.Value.UtcDateTime);

        _lab.Registry.ForgetRequests();
        Assert.True((await FindAsync(image)).FromCache);
        Assert.Empty(_lab.Registry.Requests);
    }

    [Fact]
    public async Task Evidence_ends_with_the_signature()
    {
        _lab.Registry.HasReferrers = true;
        var image = _lab.Registry.PutOciImage(SignatureLab.Path, "1", "one");
        var end = DateTimeOffset.FromUnixTimeSeconds(_lab.Time.GetUtcNow().AddMinutes(10).ToUnixTimeSeconds());
        var signer = _signer with { MadeAt = end.AddDays(-1), Expiry = end };
        _lab.Registry.SignNotation(SignatureLab.Path, image, signer.Sign(NotationFormat.Jws, NotationSigner.Payload(image)));
        var found = await FindAsync(image);
        Assert.Equal((true, end), (found.IsEnough, found.CountsUntil));

        var evidence = Demand().ToEvidence(found);
        Assert.Equal(("notation", end), (evidence.Kind, evidence.CountsUntil));
        Assert.Null(Demand().FindObjection(evidence, _lab.Repository, end.AddSeconds(-1)));
        Assert.Contains("counted until", Demand().FindObjection(evidence, _lab.Repository, end)!, StringComparison.Ordinal);
        var other = Demand(NotationFolder.Statement(identities: ["*"]));
        Assert.Contains("asks for other notation signatures", other.FindObjection(evidence, _lab.Repository, end.AddSeconds(-1))!, StringComparison.Ordinal);

        _lab.Time.Advance(TimeSpan.FromMinutes(11));
        Assert.False((await FindAsync(image)).IsEnough);
    }

    [Fact]
    public async Task A_signature_of_another_image_or_by_a_stranger_does_not_count()
    {
        _lab.Registry.HasReferrers = true;
        var (image, other) = (_lab.Registry.PutOciImage(SignatureLab.Path, "1", "one"), _lab.Registry.PutOciImage(SignatureLab.Path, "2", "two"));
        _lab.Registry.SignNotation(SignatureLab.Path, image, _signer.Sign(NotationFormat.Jws, NotationSigner.Payload(other)));
        _lab.Registry.SignNotation(SignatureLab.Path, image, NotationSigner.Make().Sign(NotationFormat.Cose, NotationSigner.Payload(image)));
        _lab.Registry.SignNotation(SignatureLab.Path, image, _signer.Sign(NotationFormat.Jws, NotationSigner.Payload(image)), subject: other.Digest);
        _lab.Registry.PutReferrer(SignatureLab.Path, image.Digest, SignedImages.NotationType, "{}"u8.ToArray());

        var found = await FindAsync(image);
        Assert.False(found.IsEnough);
        Assert.Equal(3, found.SignatureCount);
        Assert.Contains(found.Lines, l => l.Text.Contains($"is over {other.Digest}", StringComparison.Ordinal));
        Assert.Contains(found.Lines, l => l.Text.Contains("leads to no certificate", StringComparison.Ordinal));
        Assert.Contains(found.Lines, l => l.Text.Contains("exactly one layer", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Revocation_is_asked_of_the_hosts_of_the_policy_and_who_does_not_answer_leaves_it_undecided()
    {
        _lab.Registry.HasReferrers = true;
        await using var server = new RevocationServer();
        Assert.True(RevocationHost.TryParse(server.Host, out var host));
        var root = _signer.Chain[^1];
        var leaf = TestCertificate.Make(new CertificateShape { NotBefore = LongAgo, Responders = [server.Url("/ocsp")] }, root);
        var signer = _signer with { Chain = [leaf, root] };
        var image = _lab.Registry.PutOciImage(SignatureLab.Path, "1", "one");
        _lab.Registry.SignNotation(SignatureLab.Path, image, signer.Sign(NotationFormat.Jws, NotationSigner.Payload(image)));
        var demand = Demand(NotationFolder.Statement(overrides: [])) with { RevocationHosts = [host] };
        var now = DateTimeOffset.FromUnixTimeSeconds(_lab.Time.GetUtcNow().ToUnixTimeSeconds());
        var responder = new TestOcsp { Issuer = root, From = now, Until = now.AddMinutes(20) };

        var problem = await Assert.ThrowsAsync<TransportException>(() => FindAsync(image, demand));
        Assert.Contains("may be revoked: OCSP responder", problem.Message, StringComparison.Ordinal);
        _lab.Time.Advance(TimeSpan.FromSeconds(10));
        server.Set("/ocsp", () => responder.Answer(leaf));
        var found = await FindAsync(image, demand);
        Assert.Equal((true, responder.Until), (found.IsEnough, found.CountsUntil));

        // Evidence ends with the answer that it rests on, whatever signature-cache says.
        server.Set("/ocsp", () => (responder with { Status = "revoked" }).Answer(leaf));
        _lab.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.True((await FindAsync(image, demand)).FromCache);
        _lab.Time.Advance(TimeSpan.FromMinutes(10));
        var revoked = await FindAsync(image, demand);
        Assert.False(revoked.IsEnough);
        Assert.Contains("was revoked", Assert.Single(revoked.Lines).Text, StringComparison.Ordinal);

        // Another signer's good signature is enough beside one that nobody vouches for.
        server.Answers.Clear();
        var other = _lab.Registry.PutOciImage(SignatureLab.Path, "2", "two");
        var silent = TestCertificate.Make(new CertificateShape { NotBefore = LongAgo, Responders = [server.Url("/silent")] }, root);
        _lab.Registry.SignNotation(SignatureLab.Path, other, (signer with { Chain = [silent, root] }).Sign(NotationFormat.Jws, NotationSigner.Payload(other)));
        await Assert.ThrowsAsync<TransportException>(() => FindAsync(other, demand));
        _lab.Registry.SignNotation(SignatureLab.Path, other, _signer.Sign(NotationFormat.Cose, NotationSigner.Payload(other)));
        _lab.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.True((await FindAsync(other, demand)).IsEnough);
    }

    [Fact]
    public async Task Without_hosts_nobody_is_asked_and_nothing_is_skipped()
    {
        _lab.Registry.HasReferrers = true;
        await using var server = new RevocationServer();
        var root = _signer.Chain[^1];
        var leaf = TestCertificate.Make(new CertificateShape { NotBefore = LongAgo, Responders = [server.Url("/ocsp")] }, root);
        var image = _lab.Registry.PutOciImage(SignatureLab.Path, "1", "one");
        _lab.Registry.SignNotation(SignatureLab.Path, image, (_signer with { Chain = [leaf, root] }).Sign(NotationFormat.Jws, NotationSigner.Payload(image)));
        var found = await FindAsync(image, Demand(NotationFolder.Statement(overrides: [])));
        Assert.False(found.IsEnough);
        Assert.Contains("no current list", Assert.Single(found.Lines).Text, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Other_kinds_of_signatures_are_not_looked_at()
    {
        _lab.Registry.HasReferrers = true;
        var image = _lab.Registry.PutOciImage(SignatureLab.Path, "1", "one");
        _lab.Registry.SignBundle(SignatureLab.Path, image.Digest, _lab.Key);
        _lab.Registry.SignSimple(SignatureLab.Path, image.Digest, _lab.Key);
        Assert.Equal(0, (await FindAsync(image)).SignatureCount);
        _lab.Registry.SignNotation(SignatureLab.Path, image, _signer.Sign(NotationFormat.Jws, NotationSigner.Payload(image)));
        Assert.Equal(1, (await _lab.FindAsync(image.Digest)).SignatureCount);
    }

    [Fact]
    public async Task The_statement_of_the_repository_decides()
    {
        _lab.Registry.HasReferrers = true;
        var image = _lab.Registry.PutOciImage(SignatureLab.Path, "1", "one");
        _lab.Registry.SignNotation(SignatureLab.Path, image, _signer.Sign(NotationFormat.Jws, NotationSigner.Payload(image)));
        var here = $"{_lab.Registry.Host}/{SignatureLab.Path}";
        var nobody = NotationFolder.Statement("nobody", here, identities: ["x509.subject: C=US, ST=WA, O=Other"]);
        var skip = NotationFolder.Statement("none", here, "skip", [], [], []);

        Assert.True((await FindAsync(image, Demand(NotationFolder.Statement(), NotationFolder.Statement("other", "r.example.com/x")))).IsEnough);
        Assert.Contains("does not name", Assert.Single((await FindAsync(image, Demand(NotationFolder.Statement(), nobody))).Lines).Text, StringComparison.Ordinal);
        var skipped = Demand(NotationFolder.Statement(), skip);
        Assert.Contains("says skip", Assert.Single((await FindAsync(image, skipped)).Lines).Text, StringComparison.Ordinal);
        Assert.Contains("its level is skip", skipped.HowToSign(_lab.Repository, image.Digest), StringComparison.Ordinal);
        var without = Demand(NotationFolder.Statement("other", "r.example.com/x"));
        Assert.Contains("has no statement for", Assert.Single((await FindAsync(image, without)).Lines).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_that_the_registry_does_not_have_cannot_be_compared()
    {
        _lab.Registry.HasReferrers = true;
        var image = _lab.Registry.PutOciImage(SignatureLab.Path, "1", "one");
        _lab.Registry.SignNotation(SignatureLab.Path, image, _signer.Sign(NotationFormat.Jws, NotationSigner.Payload(image)));
        _lab.Registry.RemoveManifest(SignatureLab.Path, image.Digest.ToString());
        var found = await FindAsync(image);
        Assert.False(found.IsEnough);
        Assert.Contains("cannot be had", Assert.Single(found.Lines).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hundred_signatures_are_looked_at_and_no_more()
    {
        _lab.Registry.HasReferrers = true;
        var image = _lab.Registry.PutOciImage(SignatureLab.Path, "1", "one");
        var stranger = NotationSigner.Make();
        for (var i = 0; i < 120; i++)
        {
            _lab.Registry.SignNotation(
                SignatureLab.Path, image, stranger.Sign(NotationFormat.Cose, NotationSigner.Payload(image, new Dictionary<string, string> { ["n"] = $"{i}" })));
        }

        var found = await FindAsync(image);
        Assert.False(found.IsEnough);
        Assert.Equal(100, found.SignatureCount);
        Assert.Contains(found.Lines, l => l.Text.StartsWith("not looked at: ", StringComparison.Ordinal));
    }

    public static TheoryData<string> Attacks =>
    [
        "an endless envelope",
        "an announced giant",
        "another envelope than its digest says",
        "10 000 referrers",
        "a deep envelope",
        "an image that is endless",
        "nothing but layers",
    ];

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task A_hostile_registry_costs_a_bounded_effort_and_proves_nothing(string attack)
    {
        _lab.Registry.HasReferrers = attack != "10 000 referrers";
        var image = _lab.Registry.PutOciImage(SignatureLab.Path, "1", "one");
        var signature = _signer.Sign(NotationFormat.Jws, NotationSigner.Payload(image));
        var envelope = RegistrySimulator.DigestOf(signature.Envelope.ToArray());
        _lab.Registry.SignNotation(SignatureLab.Path, image, signature);
        switch (attack)
        {
            case "an endless envelope":
                _lab.Registry.Lies[$"blobs/{envelope}"] = new Answer.Endless();
                break;
            case "an announced giant":
                _lab.Registry.Lies[$"blobs/{envelope}"] = new Answer.Announced(1L << 40);
                break;
            case "another envelope than its digest says":
                _lab.Registry.Lies[$"blobs/{envelope}"] = new Answer.Changed(bytes => [.. bytes, (byte)' ']);
                break;
            case "an image that is endless":
                _lab.Registry.Lies[$"manifests/{image.Digest}"] = new Answer.Endless();
                break;
            case "a deep envelope":
                _lab.Registry.RemoveManifest(SignatureLab.Path, _lab.Registry.SignNotation(SignatureLab.Path, image, signature).ToString());
                byte[] Many(char c) => [.. Enumerable.Repeat((byte)c, 500_000)];
                _lab.Registry.SignNotation(SignatureLab.Path, image, new NotationSignature(NotationFormat.Jws, Many('[')));
                _lab.Registry.SignNotation(SignatureLab.Path, image, new NotationSignature(NotationFormat.Cose, Many('\xd2')));
                _lab.Registry.SignNotation(SignatureLab.Path, image, new NotationSignature(NotationFormat.Cose, (byte[])[0xd2, 0x84, 0x40, .. Many('\x81')]));
                break;
            case "10 000 referrers":
                var many = Enumerable.Range(0, 10_000).Select(i => RegistrySimulator.Descriptor(BitConverter.GetBytes(i), SignedImages.NotationType));
                _lab.Registry.PutManifest(SignatureLab.Path, RegistrySimulator.Index([.. many]), $"sha256-{image.Digest.Hex}");
                break;
            default:
                _lab.Registry.RemoveManifest(SignatureLab.Path, _lab.Registry.SignNotation(SignatureLab.Path, image, signature).ToString());
                var layers = Enumerable.Repeat(SignedImages.Layer("application/jose+json", envelope, null), 5_000).Select(l => (JsonNode)l.DeepClone());
                _lab.Registry.PutManifest(SignatureLab.Path, SignedImages.Bytes(new JsonObject
                {
                    ["schemaVersion"] = 2,
                    ["artifactType"] = SignedImages.NotationType,
                    ["subject"] = SignedImages.Layer(image.MediaType, image.Digest, null),
                    ["layers"] = new JsonArray([.. layers]),
                }));
                break;
        }

        var found = await FindAsync(image);
        Assert.False(found.IsEnough, attack);
        Assert.True(_lab.Registry.Requests.Count <= 115, $"{_lab.Registry.Requests.Count} requests");
    }

    private Task<SignatureEvidence> FindAsync(NotationTarget image, NotationPolicy? demand = null) => _lab.FindAsync(image.Digest, demand ?? Demand());

    private NotationPolicy Demand(params JsonObject[] statements)
    {
        var json = new JsonObject { ["version"] = "1.0", ["trustPolicies"] = new JsonArray(statements.Length == 0 ? [NotationFolder.Statement()] : [.. statements]) };
        Assert.True(NotationTrustPolicy.TryRead(CosignFiles.Bytes(json), out var policy, out var problem), problem);
        return new NotationPolicy
        {
            File = "/etc/trustpolicy.json",
            TrustPolicy = policy,
            Statements = policy.Statements,
            Stores = new Dictionary<NotationStoreName, IReadOnlyList<NotationCertificate>>
            {
                [new(NotationStoreKind.Authority, "acme")] = NotationCertificate.ReadFile(_signer.Chain[^1].Der, 1, out _),
            }.ToFrozenDictionary(),
        };
    }
}
