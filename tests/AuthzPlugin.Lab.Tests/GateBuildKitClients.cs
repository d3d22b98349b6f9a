using AuthzPlugin.Gate.BuildKit.Protocol;
using AuthzPlugin.Lab.Tests.Support;
using Xunit.Abstractions;

namespace AuthzPlugin.Lab.Tests;

/// <summary>
/// Clients that are not docker: what they ask the engine's BuildKit for past every Dockerfile. What the gate does not see, the source policy
/// in the engine denies.
/// </summary>
[Collection(LabFixture.Collection)]
public sealed class GateBuildKitClients(LabFixture lab, ITestOutputHelper output)
{
    private const string Policy = "denied by policy";
    private const string Bridge = "/moby.buildkit.v1.frontend.LLBBridge/";

    private int _tried;

    [Fact]
    public Task A_client_with_graphs_of_its_own_reads_signed_images_only() => TestAsync(async (socket, signed, unsigned) =>
    {
        await using var client = await BuildClient.ConnectAsync(socket);
        var (good, bad) = ($"docker-image://{signed.Reference}", $"docker-image://{unsigned.Reference}");
        await SaysAsync("a signed image by tag", client.SolveAsync(Solve(BuildClient.Reading(good))), null);
        await SaysAsync("a signed image by digest", client.SolveAsync(Solve(BuildClient.Reading($"{good}@{signed.Digest}"))), null);
        await SaysAsync("an unsigned image", client.SolveAsync(Solve(BuildClient.Reading(bad))), Policy);
        await SaysAsync("an unsigned image by digest", client.SolveAsync(Solve(BuildClient.Reading($"{bad}@{unsigned.Digest}"))), Policy);
        await SaysAsync("unsigned content under a signed name", client.SolveAsync(Solve(BuildClient.Reading($"{good}@{unsigned.Digest}"))), Policy);
        await SaysAsync("a folder of images", client.SolveAsync(Solve(BuildClient.Reading($"oci-layout://{signed.Repository}@{unsigned.Digest}"))), Policy);
        await SaysAsync("a kind of source that nobody knows", client.SolveAsync(Solve(BuildClient.Reading("docker-image+blob://x/y@" + signed.Digest))), Policy);
        await SaysAsync("its own policy allows all", client.SolveAsync(Solve(BuildClient.Reading(bad), PolicyAction.Allow, "*")), Policy);
        await SaysAsync("its own policy denies a signed image", client.SolveAsync(Solve(BuildClient.Reading(good), PolicyAction.Deny, "docker-image://*")), Policy);
        await SaysAsync(
            "its own policy leads to unsigned content",
            client.SolveAsync(Solve(BuildClient.Reading("docker-image://example.com/x:1"), PolicyAction.Convert, "docker-image://example.com/x:1", bad)),
            Policy);
        await SaysAsync(
            "its own policy leads to a signed image",
            client.SolveAsync(Solve(BuildClient.Reading("docker-image://example.com/x:1"), PolicyAction.Convert, "docker-image://example.com/x:1", good)),
            null);
        client.Dockerfiles = ["FROM scratch\n"];
        await client.OpenSessionAsync(socket);
        await SaysAsync("a frontend image that is not signed", client.SolveAsync(Frontend(client, "gateway.v0", ("source", unsigned.Reference))), "is not signed");
        await SaysAsync("a named context", client.SolveAsync(Frontend(client, "dockerfile.v0", ("context:base", bad))), "is not signed");
        await SaysAsync("privileges", client.SolveAsync(new SolveRequest { Ref = New(), Entitlements = { "security.insecure" } }), "security.insecure");
        await SaysAsync("a call that nobody knows", client.AskAsync("/containerd.services.images.v1.Images/Create", new StatusRequest(), SolveResponse.Parser), "does not know");
        await SaysAsync("a session inside a call", client.AskAsync("/moby.buildkit.v1.Control/Session", new StatusRequest(), SolveResponse.Parser), "POST /session");
    });

    [Fact]
    public Task Steps_that_a_client_takes_itself_are_under_the_policy_too() => TestAsync(async (socket, signed, unsigned) =>
    {
        await using var client = await BuildClient.ConnectAsync(socket);
        var build = New();
        var (good, bad) = ($"docker-image://{signed.Reference}", $"docker-image://{unsigned.Reference}");

        // The decided images come with the request, as attributes; the steps come when it runs.
        var running = client.SolveAsync(new SolveRequest { Ref = build, FrontendInputs = { ["x"] = BuildClient.Reading(good) } });
        await SaysAsync("ping", client.StepAsync(build, new StatusRequest(), Bridge + "Ping"), null);
        await SaysAsync("a step with a signed image", client.StepAsync(build, Step(good)), null);
        await SaysAsync("a step with an unsigned image", client.StepAsync(build, Step(bad)), Policy);
        await SaysAsync("a frontend that is not signed, as a step", client.StepAsync(build, new BridgeSolveRequest { Frontend = "gateway.v0", FrontendOpt = { ["source"] = unsigned.Reference } }), Policy);
        await SaysAsync("a step that allows itself everything", client.StepAsync(build, WithPolicy(Step(bad))), Policy);
        await SaysAsync("a step with a cache", client.StepAsync(build, new BridgeSolveRequest { CacheImports = { new TypeWithAttrs { Type = "registry" } } }), "cache-from");

        // ResolveImageConfigRequest begins with the name.
        await SaysAsync("the configuration of a signed image", client.StepAsync(build, new StatusRequest { Ref = signed.Reference }, Bridge + "ResolveImageConfig"), null);
        await SaysAsync("the configuration of an unsigned image", client.StepAsync(build, new StatusRequest { Ref = unsigned.Reference }, Bridge + "ResolveImageConfig"), Policy);

        // The build has no end of its own; it ends with the client. (An empty Return would end the engine: 28.5.2 panics.)
        Assert.False(running.IsCompleted);
    });

    [Fact]
    public Task A_client_whose_session_lies_to_the_gate_is_denied_by_the_engine() => TestAsync(async (socket, signed, unsigned) =>
    {
        var (good, bad) = ($"FROM {signed.Reference}\n", $"FROM {unsigned.Reference}\n");
        foreach (var (name, files, says) in new (string Name, string[] Files, string? Says)[]
        {
            ("an honest session", [good], null),
            ("the other Dockerfile at the second look", [good, bad], Policy),
            ("the other one copies only", [good, $"FROM {signed.Reference}\nCOPY --from={unsigned.Reference} /message /stolen\n"], Policy),
            ("the signed name with unsigned content", [good, $"FROM {signed.Repository}@{unsigned.Digest}\n"], Policy),
            ("another frontend at the second look", [good, $"# syntax={unsigned.Reference}\nFROM scratch\n"], Policy),
            ("unsigned at the first look", [bad, good], "Dockerfile:1: "),
        })
        {
            await using var client = await BuildClient.ConnectAsync(socket);
            client.Dockerfiles = files;
            await client.OpenSessionAsync(socket);
            await SaysAsync(name, client.SolveAsync(Frontend(client, "dockerfile.v0", ("no-cache", ""))), says);
            Assert.True(client.Looks >= Math.Min(2, files.Length) || says?.StartsWith("Dockerfile", StringComparison.Ordinal) == true, name);
        }
    });

    private Task TestAsync(Func<string, LabImage, LabImage, Task> test) => lab.TestAsync(async () =>
    {
        OldBuildKit.ShouldNotBe(lab);
        var name = "bk" + New()[..12];
        var signed = await lab.SignedAsync(name, "1");
        var unsigned = await lab.UnsignedAsync(name, "unsigned");
        var gate = await LabGate.OpenAsync(lab);
        await lab.WithPolicyAsync(p => p["builds"] = "gate");
        await test(gate.Socket, signed, unsigned);
        output.WriteLine($"figure: buildkit clients {_tried} of {_tried} ({lab.Env["LAB_ENGINE_VERSION"]})");
    });

    private async Task SaysAsync(string name, Task<string?> call, string? says)
    {
        var said = await call;
        Assert.True(
            says is null ? said is null : said?.Contains(says, StringComparison.Ordinal) == true,
            $"{name} should say {says ?? "nothing"} and said {said ?? "nothing"}");
        _tried++;
    }

    private static SolveRequest Solve(Definition definition, PolicyAction action = PolicyAction.Allow, string? selector = null, string? update = null)
    {
        var request = new SolveRequest { Ref = New(), Definition = definition };
        if (selector is not null)
        {
            request.SourcePolicy = new Policy
            {
                Version = 1,
                Rules =
                {
                    new Rule
                    {
                        Action = action,
                        Selector = new Selector { Identifier = selector },
                        Updates = update is null ? null : new Update { Identifier = update },
                    },
                },
            };
        }

        return request;
    }

    private static SolveRequest Frontend(BuildClient client, string frontend, params (string Name, string Value)[] attributes)
    {
        var request = new SolveRequest { Ref = New(), Frontend = frontend, Session = client.Session };
        request.FrontendAttrs.Add("filename", "Dockerfile");
        foreach (var (name, value) in attributes)
        {
            request.FrontendAttrs[name] = value;
        }

        return request;
    }

    private static BridgeSolveRequest Step(string identifier) =>
        new() { Definition = BuildClient.Reading(identifier), AllowResultReturn = true, AllowResultArrayRef = true, Evaluate = true };

    private static BridgeSolveRequest WithPolicy(BridgeSolveRequest step)
    {
        step.SourcePolicies.Add(new Policy { Version = 1, Rules = { new Rule { Action = PolicyAction.Allow, Selector = new Selector { Identifier = "*" } } } });
        return step;
    }

    private static string New() => Guid.NewGuid().ToString("N");
}
