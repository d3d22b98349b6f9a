namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>
/// Asks the engine, through the docker command line tool, whether a container may be made, and Debian's notary client for its own
/// verdict on the same trust data.
/// </summary>
public static class Verdicts
{
    public static Task<CommandResult> CreateAsync(this LabFixture lab, string image) =>
        lab.DockerAsync("create", "--network", "none", image, "true");

    /// <summary>The engine may make a container, and the notary client sees the same digest.</summary>
    /// <param name="client">Whose memory the notary client has; null: it looks for the first time.</param>
    public static async Task ShouldBeTrustedAsync(this LabFixture lab, LabImage image, string? client = null)
    {
        (await lab.CreateAsync(image.Reference)).ShouldSucceed();
        Assert.Equal(image.Digest, await lab.LookupAsync(image, client));
    }

    /// <summary>The engine may make none, for this reason, and the message says every text. Returns the message.</summary>
    public static async Task<string> ShouldBeRefusedAsync(this LabFixture lab, LabImage image, string reason, params string[] texts)
    {
        (await lab.CreateAsync(image.Reference)).ShouldBeRefused(texts);
        var record = lab.Plugin.Audit().Last(r => r.IsCreate && r.Phase == "request");
        Assert.True(record.Reason == reason, $"the reason should be {reason}: {record}");
        return record.Message;
    }

    /// <summary>Refused by the engine and by the notary client.</summary>
    public static async Task ShouldBeRefusedByBothAsync(this LabFixture lab, LabImage image, string reason, string? client = null)
    {
        await lab.ShouldBeRefusedAsync(image, reason);
        await lab.NotaryShouldRefuseAsync(image, client);
    }

    /// <summary>The digest as the notary client sees it.</summary>
    public static Task<string> LookupAsync(this LabFixture lab, LabImage image, string? client = null) =>
        lab.LabAsync("lookup", client is null ? [image.Repository, image.Tag] : [image.Repository, image.Tag, client]);

    /// <summary>Returns what the notary client says.</summary>
    public static async Task<string> NotaryShouldRefuseAsync(this LabFixture lab, LabImage image, string? client = null) =>
        (await Assert.ThrowsAsync<InvalidOperationException>(() => lab.LookupAsync(image, client))).Message;
}
