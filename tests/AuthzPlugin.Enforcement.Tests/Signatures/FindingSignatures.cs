using AuthzPlugin.Enforcement.Signatures;
using AuthzPlugin.Testing.Notary;
using AuthzPlugin.Testing.Registry;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Tests.Signatures;

/// <summary>Where signatures are found, what they come to, and how long that is remembered.</summary>
public sealed class FindingSignatures : IAsyncLifetime
{
    private static readonly Dictionary<string, Action<SignatureLab, Digest, CosignTestKey>> Places = new()
    {
        ["tag .sig"] = (lab, image, key) => lab.Registry.SignSimple(SignatureLab.Path, image, key),
        ["bundle, listed by the registry"] = (lab, image, key) =>
        {
            lab.Registry.HasReferrers = true;
            lab.Registry.SignBundle(SignatureLab.Path, image, key);
        },
        ["bundle, listed with a wrong type"] = (lab, image, key) =>
        {
            (lab.Registry.HasReferrers, lab.Registry.ListedType) = (true, "application/vnd.oci.empty.v1+json");
            lab.Registry.SignBundle(SignatureLab.Path, image, key);
        },
        ["bundle behind the fallback tag"] = (lab, image, key) =>
        {
            lab.Registry.SignBundle(SignatureLab.Path, image, key);
            lab.Registry.PutFallbackIndex(SignatureLab.Path, image);
        },
        ["simple signing as a referrer"] = (lab, image, key) =>
        {
            lab.Registry.HasReferrers = true;
            lab.Registry.SignSimpleAsReferrer(SignatureLab.Path, image, key);
        },
        ["on the last of many pages"] = (lab, image, key) =>
        {
            (lab.Registry.HasReferrers, lab.Registry.PageSize) = (true, 2);
            for (var i = 0; i < 7; i++)
            {
                lab.Registry.PutReferrer(SignatureLab.Path, image, "application/spdx+json", [(byte)i]);
            }

            lab.Registry.SignBundle(SignatureLab.Path, image, key);
        },
    };

    private SignatureLab _lab = null!;

    public static TheoryData<string> Names => [.. Places.Keys];

    public async Task InitializeAsync() => _lab = await SignatureLab.StartAsync();

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_signature_is_found(string place)
    {
        var image = _lab.PutImage();
        Assert.False((await _lab.FindAsync(image)).IsEnough, place);
        _lab.Time.Advance(TimeSpan.FromMinutes(1));

        Places[place](_lab, image, _lab.Key);

        var found = await _lab.FindAsync(image);
        Assert.True(found.IsEnough, string.Join('\n', found.Lines));
        Assert.Equal([_lab.Key.Public.Id], found.Signers);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_signature_by_a_stranger_is_found_and_does_not_count(string place)
    {
        var image = _lab.PutImage();
        Places[place](_lab, image, _lab.Stranger);

        var found = await _lab.FindAsync(image);
        Assert.False(found.IsEnough, place);
        Assert.Equal(1, found.SignatureCount);
        Assert.Contains(found.Lines, l => !l.IsValid && l.Text.EndsWith("was made by none of the keys that the policy names", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_threshold_counts_different_keys_wherever_their_signatures_are()
    {
        var image = _lab.PutImage();
        var two = _lab.Policy with { Threshold = 2 };
        _lab.Registry.SignSimple(SignatureLab.Path, image, _lab.Key);
        _lab.Registry.SignSimple(SignatureLab.Path, image, _lab.Key);
        _lab.Registry.SignSimple(SignatureLab.Path, image, _lab.Stranger);
        var one = await _lab.FindAsync(image, two);
        Assert.Equal((false, 1, 3), (one.IsEnough, one.Signers.Count, one.SignatureCount));
        _lab.Time.Advance(TimeSpan.FromMinutes(1));

        _lab.Registry.HasReferrers = true;
        _lab.Registry.SignBundle(SignatureLab.Path, image, _lab.Second);
        Assert.True((await _lab.FindAsync(image, two)).IsEnough);
    }

    [Fact]
    public async Task A_signature_of_another_image_does_not_count_even_where_it_is_said_to_belong_here()
    {
        var (image, other) = (_lab.PutImage(), _lab.PutImage("2"));
        _lab.Registry.HasReferrers = true;
        _lab.Registry.SignSimple(SignatureLab.Path, image, _lab.Key, CosignFiles.Payload(other));
        _lab.Registry.SignBundle(SignatureLab.Path, image, _lab.Key, CosignFiles.Bytes(CosignFiles.Bundle(_lab.Key, CosignFiles.Statement(other))));
        var found = await _lab.FindAsync(image);
        Assert.False(found.IsEnough);
        Assert.Equal(2, found.Lines.Count(l => l.Text.Contains("is over", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_manifest_about_another_image_is_passed_over()
    {
        var (image, other) = (_lab.PutImage(), _lab.PutImage("2"));
        _lab.Registry.SignSimpleAsReferrer(SignatureLab.Path, image, _lab.Key, subject: other);
        _lab.Registry.PutManifest(
            SignatureLab.Path,
            RegistrySimulator.Index([.. new[] { other }.Select(o => _lab.Registry.Manifest(SignatureLab.Path, o.ToString())!).Select(m => RegistrySimulator.Descriptor(m, null))]),
            $"sha256-{image.Hex}");
        Assert.Equal(0, (await _lab.FindAsync(image)).SignatureCount);
    }

    [Fact]
    public async Task A_second_question_makes_no_round_trip_until_the_answer_is_too_old()
    {
        var image = _lab.PutImage();
        _lab.Registry.SignSimple(SignatureLab.Path, image, _lab.Key);
        Assert.False((await _lab.FindAsync(image)).FromCache);
        var asked = _lab.Registry.Requests.Count;
        _lab.Registry.RemoveManifest(SignatureLab.Path, $"sha256-{image.Hex}.sig");

        _lab.Time.Advance(TimeSpan.FromMinutes(59));
        var again = await _lab.FindAsync(image);
        Assert.Equal((true, true, asked), (again.IsEnough, again.FromCache, _lab.Registry.Requests.Count));
        Assert.False((await _lab.FindAsync(image, maxAge: TimeSpan.FromMinutes(10))).IsEnough);

        _lab.Registry.SignSimple(SignatureLab.Path, image, _lab.Key);
        _lab.Time.Advance(TimeSpan.FromSeconds(4));
        Assert.True((await _lab.FindAsync(image)).IsEnough);
        _lab.Registry.RemoveManifest(SignatureLab.Path, $"sha256-{image.Hex}.sig");
        _lab.Time.Advance(TimeSpan.FromMinutes(60));
        Assert.False((await _lab.FindAsync(image)).IsEnough);
    }

    [Fact]
    public async Task Another_policy_does_not_get_the_remembered_answer()
    {
        var image = _lab.PutImage();
        _lab.Registry.SignSimple(SignatureLab.Path, image, _lab.Key);
        Assert.True((await _lab.FindAsync(image)).IsEnough);
        Assert.False((await _lab.FindAsync(image, _lab.Policy with { Keys = [_lab.Second.Public] })).IsEnough);
        Assert.False((await _lab.FindAsync(image, _lab.Policy with { Threshold = 2 })).IsEnough);
        Assert.Null(_lab.Service.Peek(_lab.Repository, _lab.PutImage("2"), _lab.Policy, TimeSpan.FromHours(1)));
    }

    [Fact]
    public async Task What_was_not_found_is_remembered_for_seconds_only()
    {
        var image = _lab.PutImage();
        Assert.False((await _lab.FindAsync(image)).IsEnough);
        _lab.Registry.SignSimple(SignatureLab.Path, image, _lab.Key);
        Assert.False((await _lab.FindAsync(image)).IsEnough);
        _lab.Time.Advance(_lab.Options.FailureMemory);
        Assert.True((await _lab.FindAsync(image)).IsEnough);
    }

    [Fact]
    public async Task Many_who_ask_at_once_share_one_search()
    {
        var image = _lab.PutImage();
        var release = new TaskCompletionSource();
        _lab.Registry.SignSimple(SignatureLab.Path, image, _lab.Key);
        _lab.Registry.Lies[$"manifests/sha256-{image.Hex}.sig"] = new Answer.Held(release.Task);
        var all = Enumerable.Range(0, 20).Select(_ => _lab.FindAsync(image)).ToArray();
        release.SetResult();
        Assert.All(await Task.WhenAll(all), e => Assert.True(e.IsEnough));
        Assert.Single(_lab.Registry.Requests, r => r.Path.EndsWith(".sig", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_registry_that_is_away_is_an_error_that_is_remembered_for_seconds()
    {
        var image = _lab.PutImage();
        await _lab.Registry.StopAsync();
        Assert.Equal(TransportFault.Unreachable, (await Assert.ThrowsAsync<TransportException>(() => _lab.FindAsync(image))).Fault);
        Assert.Equal(TransportFault.Unreachable, (await Assert.ThrowsAsync<TransportException>(() => _lab.FindAsync(image))).Fault);
    }

    [Fact]
    public async Task Enough_signatures_found_before_the_registry_fails_are_enough()
    {
        var image = _lab.PutImage();
        _lab.Registry.SignSimple(SignatureLab.Path, image, _lab.Key);
        _lab.Registry.Lies[$"referrers/{image}"] = new Answer.Status(500);
        Assert.True((await _lab.FindAsync(image)).IsEnough);
        await Assert.ThrowsAsync<TransportException>(() => _lab.FindAsync(image, _lab.Policy with { Threshold = 2 }));
    }

    [Fact]
    public async Task A_configuration_is_found_in_a_manifest_and_through_an_index_and_not_elsewhere()
    {
        var config = ConfigOf("1");
        var image = _lab.PutImage();
        var other = _lab.PutImage("2");
        async Task<bool> NamesAsync(Digest manifest) =>
            (await _lab.Service.NamesConfigAsync(_lab.Repository, manifest, config, CancellationToken.None)).NamesConfig;
        Digest Index(params Digest[] manifests) => _lab.Registry.PutManifest(
            SignatureLab.Path,
            RegistrySimulator.Index([.. manifests.Select(m => RegistrySimulator.Descriptor(_lab.Registry.Manifest(SignatureLab.Path, m.ToString())!, null))]));

        Assert.True(await NamesAsync(image));
        Assert.False(await NamesAsync(other));
        Assert.True(await NamesAsync(Index(other, image)));
        Assert.False(await NamesAsync(Index(other)));
        Assert.False(await NamesAsync(Index(Index(image))));
        Assert.False(await NamesAsync(config));
        _lab.Time.Advance(_lab.Options.FailureMemory);
        _lab.Registry.Lies[$"manifests/{other}"] = new Answer.Bytes(_lab.Registry.Manifest(SignatureLab.Path, image.ToString())!);
        await Assert.ThrowsAsync<RepositoryException>(() => NamesAsync(other));
        _lab.Registry.Lies[$"manifests/{other}"] = new Answer.Status(500);
        await Assert.ThrowsAsync<TransportException>(() => NamesAsync(other));
    }

    [Theory]
    [InlineData("by tag")]
    [InlineData("by digest")]
    public async Task That_a_manifest_does_not_name_a_configuration_is_remembered_for_seconds(string how)
    {
        var (image, config, other) = (_lab.PutImage(), ConfigOf("1"), ConfigOf("2"));
        Task<ConfigAnswer> NamesAsync(Digest wanted) => how == "by tag"
            ? _lab.Service.NamesConfigAsync(_lab.Repository, "1", wanted, CancellationToken.None)
            : _lab.Service.NamesConfigAsync(_lab.Repository, image, wanted, CancellationToken.None);

        Assert.Equal(new ConfigAnswer(image, false, FromCache: false), await NamesAsync(other));
        _lab.Time.Advance(_lab.Options.FailureMemory - TimeSpan.FromMilliseconds(1));
        _lab.Registry.ForgetRequests();
        Assert.Equal(new ConfigAnswer(image, false, FromCache: true), await NamesAsync(other));
        Assert.Empty(_lab.Registry.Requests);

        // Another image is another question, and that it is the one is never from memory.
        Assert.Equal(new ConfigAnswer(image, true, FromCache: false), await NamesAsync(config));
        Assert.Equal(new ConfigAnswer(image, true, FromCache: false), await NamesAsync(config));
        Assert.Equal(2, _lab.Registry.Requests.Count);

        _lab.Time.Advance(TimeSpan.FromMilliseconds(1));
        _lab.Registry.ForgetRequests();
        Assert.Equal(new ConfigAnswer(image, false, FromCache: false), await NamesAsync(other));
        Assert.Single(_lab.Registry.Requests);
    }

    [Fact]
    public async Task A_tag_that_moves_shows_what_it_means_seconds_later_and_no_longer()
    {
        var (first, config) = (_lab.PutImage(), ConfigOf("2"));
        Task<ConfigAnswer> NamesAsync() => _lab.Service.NamesConfigAsync(_lab.Repository, "1", config, CancellationToken.None);
        Assert.False((await NamesAsync()).NamesConfig);

        var second = _lab.Registry.PutImage(SignatureLab.Path, "1", "image 2");
        Assert.Equal(new ConfigAnswer(first, false, FromCache: true), await NamesAsync());
        _lab.Time.Advance(_lab.Options.FailureMemory);
        Assert.Equal(new ConfigAnswer(second, true, FromCache: false), await NamesAsync());

        _lab.PutImage();
        Assert.Equal(new ConfigAnswer(first, false, FromCache: false), await NamesAsync());
    }

    [Fact]
    public async Task A_tag_that_is_not_there_is_remembered_for_seconds_and_a_registry_that_fails_is_not()
    {
        Task<ConfigAnswer> NamesAsync(string tag) => _lab.Service.NamesConfigAsync(_lab.Repository, tag, ConfigOf("1"), CancellationToken.None);
        Assert.Equal(new ConfigAnswer(null, false, FromCache: false), await NamesAsync("9"));
        Assert.Equal(new ConfigAnswer(null, false, FromCache: true), await NamesAsync("9"));

        var image = _lab.PutImage();
        _lab.Registry.Lies["manifests/1"] = new Answer.Status(503);
        await Assert.ThrowsAsync<TransportException>(() => NamesAsync("1"));
        _lab.Registry.Lies.Clear();
        Assert.Equal(new ConfigAnswer(image, true, FromCache: false), await NamesAsync("1"));
    }

    [Fact]
    public async Task A_tag_has_the_digest_of_what_the_registry_sends()
    {
        var image = _lab.PutImage();
        Assert.Equal(image, await _lab.Service.ResolveTagAsync(_lab.Repository, "1", CancellationToken.None));
        Assert.Null(await _lab.Service.ResolveTagAsync(_lab.Repository, "2", CancellationToken.None));
    }

    /// <summary>The configuration of an image that <see cref="SignatureLab.PutImage"/> puts there.</summary>
    internal static Digest ConfigOf(string tag) =>
        RegistrySimulator.DigestOf(CosignFiles.Bytes(System.Text.Json.Nodes.JsonValue.Create($"image {tag}")));
}
