using System.Collections.Frozen;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Testing.Registry;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.References;
using AuthzPlugin.Trust.Sigstore;

namespace AuthzPlugin.Enforcement.Tests.Signatures;

/// <summary>Signatures with certificates in a registry: where they are found, which lines they leave, and when they count no more.</summary>
public sealed class FindingKeylessSignatures : IAsyncLifetime
{
    private static readonly SigstoreSimulator World = new();

    private SignatureLab _lab = null!;

    public async Task InitializeAsync()
    {
        _lab = await SignatureLab.StartAsync();
        _lab.Registry.HasReferrers = true;
        _lab.Time.SetClock(SigstoreSimulator.SignedAt.AddHours(1));
    }

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    /// <summary>That the simulator's usual subject signed.</summary>
    internal static KeylessPolicy PolicyOf(SigstoreSimulator world) => new() { Root = Root(world), Identities = [Identity(SigstoreSimulator.Subject)] };

    [Theory]
    [InlineData("simple signing")]
    [InlineData("bundle, Rekor 1")]
    [InlineData("bundle, Rekor 2")]
    public async Task A_signature_is_found_and_every_check_is_a_line(string format)
    {
        var image = Sign(format);
        var found = await _lab.FindAsync(image, Policy());
        Assert.True(found.IsEnough, string.Join('\n', found.Lines));
        Assert.Equal([$"{SigstoreSimulator.Subject} of {SigstoreSimulator.Issuer}"], found.Signers);
        Assert.Null(found.CountsUntil);
        Assert.All(
            new[] { " certificate: ", " log: ", " time: ", " sct: ", " identity: ", " made by " },
            part => Assert.Contains(found.Lines, l => l.IsValid && l.Text.Contains(part, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("simple signing")]
    [InlineData("bundle, Rekor 1")]
    public async Task Keys_and_certificates_do_not_stand_in_for_each_other(string format)
    {
        var image = Sign(format);
        Assert.False((await _lab.FindAsync(image)).IsEnough);

        var byKey = _lab.PutImage("2");
        _lab.Registry.SignSimple(SignatureLab.Path, byKey, _lab.Key);
        var found = await _lab.FindAsync(byKey, Policy());
        Assert.False(found.IsEnough);
        Assert.Contains("made with a key", Assert.Single(found.Lines).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signature_by_somebody_else_says_whose_it_is()
    {
        var image = _lab.PutImage();
        _lab.Registry.PutReferrer(
            SignatureLab.Path, image, SignedImages.BundleType, CosignFiles.Bytes(World.Bundle(CosignFiles.Statement(image), new KeylessSigning { Subject = "https://git.example.com/mallory\u007f" })));
        var line = Assert.Single((await _lab.FindAsync(image, Policy())).Lines);
        Assert.Contains("was made by https://git.example.com/mallory\\u007f of https://token.actions.example.com, whom the policy does not name", line.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signature_that_is_too_old_counts_no_more_and_is_not_remembered_longer()
    {
        var image = Sign("bundle, Rekor 1");
        var policy = Policy() with { MaxAge = TimeSpan.FromHours(2) };
        var found = await _lab.FindAsync(image, policy, TimeSpan.FromDays(7));
        Assert.Equal((true, SigstoreSimulator.SignedAt.AddSeconds(3).AddHours(2)), (found.IsEnough, found.CountsUntil));
        Assert.True((await _lab.FindAsync(image, policy, TimeSpan.FromDays(7))).FromCache);

        _lab.Time.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(2));
        Assert.True((await _lab.FindAsync(image, policy, TimeSpan.FromDays(7))).FromCache);
        _lab.Time.Advance(TimeSpan.FromSeconds(1));
        found = await _lab.FindAsync(image, policy, TimeSpan.FromDays(7));
        Assert.Equal((false, false), (found.IsEnough, found.FromCache));
        Assert.Contains("signatures count for 2h only", Assert.Single(found.Lines).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_an_age_a_signature_of_the_future_does_not_count()
    {
        _lab.Time.SetClock(SigstoreSimulator.SignedAt.AddHours(-1));
        var image = Sign("bundle, Rekor 1");
        Assert.True((await _lab.FindAsync(image, Policy())).IsEnough);
        var found = await _lab.FindAsync(image, Policy() with { MaxAge = TimeSpan.FromHours(2) });
        Assert.Contains("not yet by the clock of this host", Assert.Single(found.Lines).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evidence_ends_when_the_policy_asks_for_something_else_or_its_time_is_over()
    {
        var image = Sign("simple signing");
        var policy = Policy() with { MaxAge = TimeSpan.FromHours(2) };
        var evidence = policy.ToEvidence(await _lab.FindAsync(image, policy));
        var now = _lab.Time.GetUtcNow();
        Assert.Null(policy.FindObjection(evidence, _lab.Repository, now));
        Assert.Contains("counted until", policy.FindObjection(evidence, _lab.Repository, now.AddHours(2)), StringComparison.Ordinal);

        SignatureDemand[] others =
        [
            policy with { MaxAge = null },
            policy with { Identities = [Identity("https://git.example.com/other")] },
            policy with { Annotations = new Dictionary<string, string> { ["env"] = "prod" }.ToFrozenDictionary() },
            policy with { Root = Root(new SigstoreSimulator()) },
        ];
        Assert.All(others, o => Assert.Contains("asks for other keyless signatures", o.FindObjection(evidence, _lab.Repository, now), StringComparison.Ordinal));
    }

    private static KeylessPolicy Policy() => PolicyOf(World);

    private static KeylessIdentity Identity(string text)
    {
        Assert.True(TextRule.TryExact(SigstoreSimulator.Issuer, out var issuer, out _));
        Assert.True(TextRule.TryExact(text, out var subject, out _));
        return new KeylessIdentity(issuer, subject);
    }

    private static SigstoreRoot Root(SigstoreSimulator world)
    {
        Assert.True(SigstoreRoot.TryRead(world.TrustedRootFile(), out var root, out var problem), problem);
        return root;
    }

    private Digest Sign(string format)
    {
        var image = _lab.PutImage();
        switch (format)
        {
            case "simple signing":
                _lab.Registry.SignSimple(SignatureLab.Path, image, CosignFiles.Payload(image), World.Annotations(CosignFiles.Payload(image)));
                break;
            case "bundle, Rekor 1":
                _lab.Registry.PutReferrer(SignatureLab.Path, image, SignedImages.BundleType, CosignFiles.Bytes(World.Bundle(CosignFiles.Statement(image))));
                break;
            default:
                _lab.Registry.PutReferrer(SignatureLab.Path, image, SignedImages.BundleType, CosignFiles.Bytes(World.Bundle2(CosignFiles.Statement(image))));
                break;
        }

        return image;
    }
}
