using System.Globalization;
using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>What the tests of each kind of signatures do alike.</summary>
public static class SignatureFlows
{
    private const string Notary = "notary-v1";

    /// <summary>The rule of an entry with two kinds, whether the first and the second speak for an image, and whether it runs then.</summary>
    public static TheoryData<string, bool, bool, bool> AnyOrAll => new()
    {
        { "any", true, false, true },
        { "any", false, true, true },
        { "any", false, false, false },
        { "all", true, true, true },
        { "all", true, false, false },
        { "all", false, true, false },
    };

    /// <summary>What a container can be made from on this engine. Where it resolves a tag twice a tag is refused (<c>tag-unsafe-here</c>).</summary>
    public static string Startable(this LabFixture lab, LabImage image) => lab.ResolvesTagsTwice ? image.ByDigest : image.Reference;

    public static Task<CommandResult> RunAsync(this LabFixture lab, LabImage image) => lab.RunAsync(lab.Startable(image));

    /// <summary>The common policy with one entry for a repository; nothing is remembered.</summary>
    public static Task UseEntryAsync(this LabFixture lab, string repository, JsonObject entry, string cache = "0s") => lab.WithPolicyAsync(p =>
    {
        p["freshness"] = "0s";
        p["signature-cache"] = cache;
        p["signature-policies"] = new JsonObject { [repository] = entry };
    });

    /// <summary>An image in the registry that the engine has no more.</summary>
    public static async Task<LabImage> PushedAsync(this LabFixture lab, string repository, string tag = "1")
    {
        var image = await lab.UnsignedAsync(repository, tag);
        await lab.ForgetAsync(image);
        return image;
    }

    /// <summary>It is pulled, runs by its name and its digest, and its start rests on the approval.</summary>
    public static async Task ShouldPullRunAndStartAsync(this LabFixture lab, LabImage image)
    {
        (await lab.DockerAsync("pull", image.Reference)).ShouldSucceed(image.Digest);
        (await lab.RunAsync(image)).ShouldSucceed(image.Text);
        (await lab.RunAsync(image.ByDigest)).ShouldSucceed(image.Text);
        var approval = lab.Plugin.Audit().Last(r => r.IsStart);
        Assert.Equal(("approved", image.Digest), (approval.Reason, approval.SignedDigest));
    }

    /// <summary>Both a pull and a run pass, or both are refused.</summary>
    public static async Task ShouldPullAndRunAsync(this LabFixture lab, LabImage image, bool runs)
    {
        foreach (var result in new[] { await lab.DockerAsync("pull", image.Reference), await lab.RunAsync(image) })
        {
            _ = runs ? result.ShouldSucceed() : result.ShouldBeRefused();
        }
    }

    public static Task<ApiAnswer> RestartAsync(this LabFixture lab, string container) => lab.Engine.PostAsync($"/v1.41/containers/{container}/restart?t=0");

    /// <summary>Writes how long decisions about images take beside those about one that Notary v1 signed: the first of a process, and later ones.</summary>
    public static async Task CompareTimesAsync(this LabFixture lab, ITestOutputHelper output, LabImage byNotary, params (string Kind, LabImage Image)[] others)
    {
        const int Times = 15;
        var (cold, warm) = (new Dictionary<string, double>(), new Dictionary<string, double>());
        foreach (var (kind, image) in others.Prepend((Notary, byNotary)))
        {
            await lab.Plugin.RestartAsync();
            // What every first decision of a process pays, whatever its kind.
            (await lab.CreateAsync("localhost:1/unpinned")).ShouldBeRefused();
            cold[kind] = await lab.TimeAsync(image);
            var all = new List<double>();
            for (var i = 0; i < Times; i++)
            {
                all.Add(await lab.TimeAsync(image));
            }

            warm[kind] = all.Order().ElementAt(Times / 2);
        }

        foreach (var (kind, _) in others)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"figure: {kind}: cold decision {cold[kind] / cold[Notary]:0.00} times that of notary-v1 ({cold[Notary]:0.0} ms), warm {warm[kind] / warm[Notary]:0.00} times ({warm[Notary]:0.0} ms)"));
        }
    }

    private static async Task<double> TimeAsync(this LabFixture lab, LabImage image)
    {
        (await lab.CreateAsync(lab.Startable(image))).ShouldSucceed();
        return lab.Plugin.Audit().Last(r => r.IsCreate && r.Phase == "request").Milliseconds;
    }
}
