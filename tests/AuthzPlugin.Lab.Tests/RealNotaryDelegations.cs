using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Lab.Tests;

/// <summary>Signers and tags come and go at the real Notary server; Debian's notary client is asked after every step as well.</summary>
[Collection(LabFixture.Collection)]
public sealed class RealNotaryDelegations(LabFixture lab)
{
    private const string Releases = "targets/releases";

    [Fact]
    public Task A_signer_who_is_removed_takes_only_that_signers_say_away() => lab.TestAsync(async () =>
    {
        var owner = new Publisher(lab, "signers");
        var own = await owner.BeginAsync();
        await owner.AddSignerAsync("ann");
        await owner.AddSignerAsync("ben");
        var bens = await owner.SignAsync("ben", "ben");
        var anns = await owner.SignAsync("ann", "ann");
        await lab.ShouldBeTrustedAsync(own);
        await lab.ShouldBeTrustedAsync(bens);
        await lab.ShouldBeTrustedAsync(anns);

        await owner.TrustAsync("signer", "remove", "--force", "ben", owner.Repository);

        await lab.ShouldBeTrustedAsync(anns);
        await lab.ShouldBeTrustedAsync(own);
        await Assert.ThrowsAsync<InvalidOperationException>(() => owner.SignAsync("late", "ben"));
        await lab.ShouldBeTrustedAsync(await owner.SignAsync("later", "ann"));
    });

    [Fact]
    public Task A_releases_role_whose_last_signature_was_by_a_removed_signer_is_refused_until_another_signer_signs() => lab.TestAsync(async () =>
    {
        await lab.Plugin.RestartAsync(PluginState.Impatient);
        var owner = new Publisher(lab, "last-signer");
        var own = await owner.BeginAsync();
        await owner.AddSignerAsync("ann");
        await owner.AddSignerAsync("ben");
        var bens = await owner.SignAsync("ben", "ben");
        await lab.ShouldBeTrustedAsync(bens);

        await owner.TrustAsync("signer", "remove", "--force", "ben", owner.Repository);

        await lab.ShouldBeRefusedByBothAsync(bens, "bad-signature");
        // Stricter than the notary client, which goes on with what targets says when releases says nothing.
        await lab.ShouldBeRefusedAsync(own, "bad-signature", Releases, "; if the owner removed a signer, another signer must sign again");
        Assert.Equal(own.Digest, await lab.LookupAsync(own));

        await lab.LabAsync("notary", "ann", "witness", owner.Repository, Releases, "--publish");
        await lab.ShouldBeTrustedAsync(bens);
        await lab.ShouldBeTrustedAsync(own);
    });

    [Fact]
    public Task When_the_last_signer_is_removed_the_owner_removes_the_empty_role_too() => lab.TestAsync(async () =>
    {
        await lab.Plugin.RestartAsync(PluginState.Impatient);
        var owner = new Publisher(lab, "no-signers");
        var own = await owner.BeginAsync();
        await owner.AddSignerAsync("ann");
        var anns = await owner.SignAsync("ann", "ann");
        await lab.ShouldBeTrustedAsync(anns);

        // docker trust signer remove leaves targets/releases without keys: nobody can sign it again.
        await owner.TrustAsync("signer", "remove", "--force", "ann", owner.Repository);
        await lab.ShouldBeRefusedByBothAsync(anns, "bad-signature");
        await lab.ShouldBeRefusedAsync(own, "bad-signature", $"or the owner run notary delegation remove {owner.Repository} {Releases} --publish");
        Assert.Equal(own.Digest, await lab.LookupAsync(own));

        await owner.NotaryAsync("delegation", "remove", owner.Repository, Releases, "--publish");
        await lab.ShouldBeTrustedAsync(own);
        await lab.ShouldBeRefusedByBothAsync(anns, "not-signed");
        await lab.ShouldBeTrustedAsync(await owner.SignAsync("2"));
    });

    [Fact]
    public Task Delegations_of_the_notary_client_come_and_go() => lab.TestAsync(async () =>
    {
        var owner = new Publisher(lab, "delegated");
        var own = await owner.BeginAsync();
        var released = await owner.PushAsync("released");
        await owner.DelegateAsync(Releases, "--all-paths");
        await owner.SignIntoAsync(released, Releases);
        await lab.ShouldBeTrustedAsync(released);

        await owner.NotaryAsync("delegation", "remove", owner.Repository, Releases, "--yes", "--publish");

        await lab.ShouldBeRefusedByBothAsync(released, "not-signed");
        await lab.ShouldBeTrustedAsync(own);

        await owner.DelegateAsync(Releases, "--all-paths");
        await lab.ShouldBeTrustedAsync(own);
        await owner.SignIntoAsync(released, Releases);
        await lab.ShouldBeTrustedAsync(released);
    });

    [Fact]
    public Task A_delegation_speaks_only_for_its_paths() => lab.TestAsync(async () =>
    {
        var owner = new Publisher(lab, "paths");
        await owner.BeginAsync();
        var first = await owner.PushAsync("v1.0");
        var second = await owner.PushAsync("w1.0");
        await owner.DelegateAsync(Releases, "--paths", "v1,v2");
        await owner.SignIntoAsync(first, Releases);
        await lab.ShouldBeTrustedAsync(first);
        await Assert.ThrowsAsync<InvalidOperationException>(() => owner.SignIntoAsync(second, Releases));
        await owner.NotaryAsync("reset", owner.Repository, "--all");

        await owner.NotaryAsync("delegation", "add", owner.Repository, Releases, "--paths", "w", "--publish");
        await owner.SignIntoAsync(second, Releases);
        await lab.ShouldBeTrustedAsync(second);

        // What the role has signed stays in its file, and no longer counts.
        await owner.NotaryAsync("delegation", "remove", owner.Repository, Releases, "--paths", "v1", "--publish");
        await lab.ShouldBeRefusedByBothAsync(first, "not-signed");
        await lab.ShouldBeTrustedAsync(second);
    });

    [Fact]
    public Task Tags_are_added_moved_and_revoked() => lab.TestAsync(async () =>
    {
        var owner = new Publisher(lab, "tags");
        var first = await owner.BeginAsync();
        var second = await owner.SignAsync("2");
        await lab.ShouldBeTrustedAsync(second);

        var moved = await owner.SignAsync("2");
        await lab.ShouldBeTrustedAsync(moved);
        (await lab.CreateAsync(second.ByDigest)).ShouldBeRefused($"{second.ByDigest} is not signed");

        await owner.TrustAsync("revoke", "--yes", moved.Reference);
        await lab.ShouldBeRefusedByBothAsync(moved, "not-signed");
        (await lab.DockerAsync("pull", moved.Reference)).ShouldBeRefused("has no tag 2");
        await owner.NotaryAsync("remove", owner.Repository, "1", "--publish");
        await lab.ShouldBeRefusedByBothAsync(first, "not-signed");

        await lab.ShouldBeTrustedAsync(await owner.SignAsync("1"));
    });

    [Fact]
    public Task Witnessing_and_publishing_again_change_no_verdict() => lab.TestAsync(async () =>
    {
        var owner = new Publisher(lab, "witnessed");
        var image = await owner.BeginAsync();
        await lab.ShouldBeTrustedAsync(image);
        using var files = new NotaryFiles(lab);
        var before = await files.SignedAsync(owner.Repository, "targets");

        await owner.NotaryAsync("witness", owner.Repository, "targets", "--publish");

        var after = await files.SignedAsync(owner.Repository, "targets");
        Assert.True(after["version"]!.GetValue<int>() > before["version"]!.GetValue<int>());
        Assert.NotEqual(before["expires"]!.GetValue<string>(), after["expires"]!.GetValue<string>());
        await lab.ShouldBeTrustedAsync(image);
        await owner.NotaryAsync("publish", owner.Repository);
        await lab.ShouldBeTrustedAsync(image);
    });

    [Fact]
    public Task Any_of_two_hundred_tags_is_found_by_name_and_by_digest() => lab.TestAsync(async () =>
    {
        var owner = new Publisher(lab, "many");
        var image = await owner.BeginAsync();
        await lab.LabAsync("sign-many", owner.Repository, "1", "200", owner.Name);

        foreach (var tag in new[] { "1", "1-1", "1-100", "1-200" })
        {
            (await lab.DockerAsync("tag", image.Reference, $"{image.Repository}:{tag}")).ShouldSucceed();
            await lab.ShouldBeTrustedAsync(image with { Tag = tag });
        }

        (await lab.CreateAsync(image.ByDigest)).ShouldSucceed();
        await lab.ShouldBeRefusedByBothAsync(image with { Tag = "1-201" }, "not-signed");
    });
}
