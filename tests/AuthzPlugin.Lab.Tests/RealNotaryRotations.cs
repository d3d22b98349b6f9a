using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Lab.Tests;

/// <summary>Keys change at the real Notary server; Debian's notary client is asked after every step as well.</summary>
[Collection(LabFixture.Collection)]
public sealed class RealNotaryRotations(LabFixture lab)
{
    // Of the notary client that follows along, with a memory of its own.
    private const string Watcher = "watcher";

    [Theory]
    [InlineData("targets")]
    [InlineData("snapshot to the owner and back", "snapshot", "snapshot --server-managed")]
    [InlineData("timestamp", "timestamp --server-managed")]
    public Task After_a_rotation_what_was_signed_stays_signed_and_the_owner_can_go_on(string name, params string[] rotations) => lab.TestAsync(async () =>
    {
        var owner = new Publisher(lab, "rotate-" + name.Split(' ')[0]);
        var image = await owner.BeginAsync();
        await lab.ShouldBeTrustedAsync(image, Watcher);

        foreach (var rotation in rotations.Length == 0 ? [name] : rotations)
        {
            await owner.NotaryAsync(["key", "rotate", owner.Repository, .. rotation.Split(' ')]);
            await lab.ShouldBeTrustedAsync(image, Watcher);
        }

        var next = await owner.SignAsync("2");
        await lab.ShouldBeTrustedAsync(next, Watcher);
        await lab.ForgetAsync(image);
        (await lab.DockerAsync("pull", image.Reference)).ShouldSucceed(image.Digest);
        await lab.ShouldBeRefusedByBothAsync(await owner.PushAsync("unsigned"), "not-signed", Watcher);
    });

    [Fact]
    public Task Rotations_of_every_role_between_two_looks_are_taken_in_one_step() => lab.TestAsync(async () =>
    {
        var owner = new Publisher(lab, "rotate-unseen");
        var image = await owner.BeginAsync();
        await lab.ShouldBeTrustedAsync(image, Watcher);

        await owner.RotateAsync("targets");
        await owner.RotateAsync("snapshot");
        await owner.RotateAsync("targets");
        await owner.RotateAsync("timestamp", "--server-managed");
        await owner.RotateAsync("snapshot", "--server-managed");
        var next = await owner.SignAsync("1");

        await lab.ShouldBeTrustedAsync(next, Watcher);
        await lab.ShouldBeRefusedAsync(image with { Tag = image.Tag + "@" + image.Digest }, "digest-mismatch", next.Digest);
    });

    [Fact]
    public Task A_rotated_root_key_counts_when_it_is_pinned_too() => lab.TestAsync(async () =>
    {
        var owner = new Publisher(lab, "rotate-root");
        var image = await owner.BeginAsync();
        await lab.ShouldBeTrustedAsync(image, Watcher);
        var first = await owner.RootKeyAsync();

        await owner.RotateAsync("root");
        var second = await owner.RootKeyAsync();
        Assert.NotEqual(first, second);

        await lab.ShouldBeRefusedAsync(image, "wrong-root-key", second, "; compare the key with its owner before you change trust-pinning");
        await owner.PinAsync(first, second);
        await lab.ShouldBeTrustedAsync(image, Watcher);
        var next = await owner.SignAsync("2");
        await lab.ShouldBeTrustedAsync(next, Watcher);
        await owner.PinAsync(second);
        await lab.ShouldBeTrustedAsync(next, Watcher);
    });

    [Fact]
    public Task A_root_key_that_was_rotated_several_times_unseen_is_followed_through_every_pinned_key() => lab.TestAsync(async () =>
    {
        var owner = new Publisher(lab, "rotate-root-often");
        var image = await owner.BeginAsync();
        await lab.ShouldBeTrustedAsync(image, Watcher);
        var keys = new List<string> { await owner.RootKeyAsync() };
        for (var i = 0; i < 3; i++)
        {
            await owner.RotateAsync("root");
            keys.Add(await owner.RootKeyAsync());
        }

        Assert.Equal(4, keys.Distinct().Count());
        await owner.PinAsync(keys[0], keys[3]);
        await lab.ShouldBeRefusedAsync(image, "wrong-root-key", keys[1]);

        await owner.PinAsync([.. keys]);
        await lab.ShouldBeTrustedAsync(image, Watcher);
        await owner.RotateAsync("targets");
        await lab.ShouldBeTrustedAsync(await owner.SignAsync("2"), Watcher);
    });

    [Fact]
    public Task A_policy_that_pins_only_the_newest_root_key_needs_no_chain() => lab.TestAsync(async () =>
    {
        var owner = new Publisher(lab, "rotate-root-newest");
        var image = await owner.BeginAsync();
        await lab.ShouldBeTrustedAsync(image);
        await owner.RotateAsync("root");
        await owner.RotateAsync("root");

        await owner.PinAsync(await owner.RootKeyAsync());

        await lab.ShouldBeTrustedAsync(image);
    });
}
