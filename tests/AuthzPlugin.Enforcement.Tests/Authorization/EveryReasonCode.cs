using System.Collections.Frozen;
using System.Net;
using AuthzPlugin.Enforcement.Authorization;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Testing;
using AuthzPlugin.Testing.Engine;
using AuthzPlugin.Trust.Errors;
using static AuthzPlugin.Enforcement.Tests.Authorization.AuthorizationBench;

namespace AuthzPlugin.Enforcement.Tests.Authorization;

/// <summary>Every reason code can be produced by a request, and stands in docs/reasons.md.</summary>
public sealed class EveryReasonCode
{
    private static readonly Dictionary<ReasonCode, Func<AuthorizationBench, Task>> Scenes = new()
    {
        [ReasonCode.Signed] = b => Ask(b, Create(Repository + ":1")),
        [ReasonCode.Approved] = async b => await b.AskAsync(Start((await ApprovedAsync(b)).Id)),
        [ReasonCode.LocalBuild] = async b =>
        {
            b.Policy = b.Policy with { LocalBuilds = PolicyAnswer.Allow };
            b.Build("built:1", '6');
            var signed = await b.Service.BaseImages.DecideAsync(Repository + ":1", b.Policy, CancellationToken.None);
            await b.Service.Builds.RememberAsync(DigestOf('6'), [signed], new CallerIdentity(0, 0, 1, "root"), b.Policy, CancellationToken.None);
            await Ask(b, Create("built:1"));
        },
        [ReasonCode.AllowedByPolicy] = b =>
            Ask(b, Post("/v1.41/volumes/create", """{"Name":"v","DriverOpts":{"type":"none","o":"bind","device":"/srv/data"}}""")),
        [ReasonCode.Excepted] = b =>
        {
            b.Except(b.Build("built:1", '6').Id);
            return Ask(b, Create("built:1"));
        },
        [ReasonCode.HostAccess] = b => Ask(b, CreateWith("\"HostConfig\":{\"Privileged\":true}")),
        [ReasonCode.BadReference] = b => Ask(b, Create("UPPER")),
        [ReasonCode.AllTags] = b => Ask(b, Pull("fromImage=" + Repository)),
        [ReasonCode.NotPinned] = b => Ask(b, Create("alpine")),
        [ReasonCode.NoLongerAccepted] = b =>
        {
            b.Policy = b.Policy with
            {
                Signatures = new SignaturePolicies([new SignaturePolicy
                {
                    Pattern = Repository,
                    NotaryV1 = true,
                    AcceptUntil = new Dictionary<EvidenceKind, DateOnly> { [EvidenceKind.NotaryV1] = new(2020, 1, 1) }.ToFrozenDictionary(),
                }]),
            };
            return Ask(b, Create(Repository + ":1"));
        },
        [ReasonCode.PolicyInvalid] = b =>
        {
            b.InForce = new PolicyInForce(null, "the content-trust policy is invalid");
            return Ask(b, Create("alpine"));
        },
        [ReasonCode.RefusedByPolicy] = b => Ask(b, Post("/v1.41/session")),
        [ReasonCode.NotSigned] = b => Ask(b, Create(Repository + ":9")),
        [ReasonCode.NoTrustData] = b => Fault(b, RepositoryFault.NotFound),
        [ReasonCode.DigestMismatch] = b => Ask(b, Create($"{Repository}:1@{DigestOf('e')}")),
        [ReasonCode.WrongRootKey] = b => Fault(b, RepositoryFault.PinMismatch),
        [ReasonCode.RootCertificate] = b => Fault(b, RepositoryFault.RootCertificate),
        [ReasonCode.RootRotation] = b => Fault(b, RepositoryFault.RootRotation),
        [ReasonCode.Expired] = b => Fault(b, RepositoryFault.Expired),
        [ReasonCode.RolledBack] = b => Fault(b, RepositoryFault.Rollback),
        [ReasonCode.BadSignature] = b => Fault(b, RepositoryFault.SignatureThreshold),
        [ReasonCode.Inconsistent] = b => Fault(b, RepositoryFault.ChecksumMismatch),
        [ReasonCode.Malformed] = b => Fault(b, RepositoryFault.Malformed),
        [ReasonCode.LocalImageDiffers] = b =>
        {
            b.Trust[Repository].Tags["1"] = DigestOf('e');
            return Ask(b, Create(Repository + ":1"));
        },
        [ReasonCode.LocalImageUnknown] = b =>
        {
            b.Build(Repository + ":1", '6');
            return Ask(b, Create(Repository + ":1"));
        },
        [ReasonCode.TagUnsafeHere] = b =>
        {
            b.Engine.Containerd = true;
            b.Engine.Version = "26.1.5";
            b.Engine.Tags.Clear();
            b.Engine.Images[DigestOf('d').ToString()] = new SimulatedImage(DigestOf('d').ToString(), []);
            b.Engine.Tags[Repository + ":1"] = DigestOf('d').ToString();
            return Ask(b, Create(Repository + ":1"));
        },
        [ReasonCode.TagMoved] = b =>
        {
            b.Engine.Registry[Repository + ":1"] = DigestOf('e').ToString();
            return Ask(b, Pull($"fromImage={Repository}&tag=1"));
        },
        [ReasonCode.NotInRegistry] = b =>
        {
            b.Engine.Registry.Clear();
            return Ask(b, Pull($"fromImage={Repository}&tag=1"));
        },
        [ReasonCode.Swapped] = b => b.CreateAsync(Repository + ":1", Evil(b)),
        [ReasonCode.RenamedUnderStart] = async b =>
        {
            await ApprovedAsync(b);
            var start = Start("web");
            await b.AskAsync(start);
            var evil = Evil(b);
            evil.Running = true;
            evil.StartedAt = DateTimeOffset.UtcNow;
            b.Engine.Containers[evil.Id] = evil;
            await b.ReportAsync(start, 204);
        },
        [ReasonCode.ApprovalStoreFull] = async b =>
        {
            await ApprovedAsync(b);
            await b.AskAsync(Create(Repository + ":1"));
        },
        [ReasonCode.UnknownEndpoint] = b => Ask(b, Post("/v1.41/containers/x/teleport")),
        [ReasonCode.HiddenOrAmbiguous] = b => Ask(b, Post("/v1.41/containers//create")),
        [ReasonCode.UnreadableMessage] = b => Ask(b, null),
        [ReasonCode.TrustServerUnreachable] = b => Fault(b, TransportFault.Unreachable),
        [ReasonCode.LoginNeeded] = b => Fault(b, TransportFault.LoginNeeded),
        [ReasonCode.EngineUnreachable] = b =>
        {
            b.Engine.Interfere = _ => throw new HttpRequestException("refused");
            return Ask(b, Create(Repository + ":1"));
        },
        [ReasonCode.EngineUnclear] = b =>
        {
            b.Engine.Interfere = _ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("not JSON") };
            return Ask(b, Create(Repository + ":1"));
        },
        [ReasonCode.RegistryUnreachable] = b =>
        {
            b.Engine.Interfere = r => r.RequestUri!.AbsolutePath.StartsWith("/distribution", StringComparison.Ordinal)
                ? new HttpResponseMessage(HttpStatusCode.InternalServerError) { Content = new StringContent("""{"message":"dial tcp: refused"}""") }
                : null;
            return Ask(b, Pull($"fromImage={Repository}&tag=1"));
        },
        [ReasonCode.TimedOut] = b => Fault(b, TransportFault.TimedOut),
        [ReasonCode.InternalError] = b =>
        {
            b.Engine.Interfere = _ => throw new NotSupportedException("a bug");
            return Ask(b, Create(Repository + ":1"));
        },
    };

    public static TheoryData<ReasonCode> Codes => [.. Enum.GetValues<ReasonCode>()];

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task Can_be_produced(ReasonCode code)
    {
        using var bench = new AuthorizationBench(maxApprovals: code == ReasonCode.ApprovalStoreFull ? 1 : 100);
        bench.PullSigned("1", 'd', '1');
        Assert.True(Scenes.TryGetValue(code, out var scene), $"no scene produces {code}");
        await scene(bench);
        Assert.Contains(code.ToText(), bench.Records().Select(r => r.GetProperty("reason").GetString()));
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void Is_documented(ReasonCode code) =>
        Assert.Contains($"| `{code.ToText()}` |", SourceTree.Read("docs/reasons.md"), StringComparison.Ordinal);

    [Fact]
    public async Task A_record_that_cannot_be_written_refuses_the_request()
    {
        using var bench = new AuthorizationBench(auditFile: "/dev/full");
        bench.PullSigned("1", 'd', '1');
        var answer = await bench.AskAsync(Create(Repository + ":1"));
        Assert.False(answer.Allow);
        Assert.StartsWith("the audit record could not be written", answer.Message, StringComparison.Ordinal);
    }

    private static Task Ask(AuthorizationBench bench, AuthZRequest? request) => bench.AskAsync(request);

    private static Task Fault(AuthorizationBench bench, RepositoryFault fault)
    {
        bench.Trust[Repository].Error = new RepositoryException(fault, "it is bad", "root");
        return Ask(bench, Create(Repository + ":1"));
    }

    private static Task Fault(AuthorizationBench bench, TransportFault fault)
    {
        bench.Trust[Repository].Error = new TransportException(fault, "it does not answer");
        return Ask(bench, Create(Repository + ":1"));
    }

    private static async Task<SimulatedContainer> ApprovedAsync(AuthorizationBench bench)
    {
        var container = new SimulatedContainer
        {
            Id = new string('c', 64),
            Name = "web",
            ImageId = bench.Engine.Tags[Repository + ":1"],
        };
        await bench.CreateAsync(Repository + ":1", container);
        return container;
    }

    private static SimulatedContainer Evil(AuthorizationBench bench) =>
        new() { Id = new string('e', 64), Name = "evil", ImageId = bench.Build("evil:1", '6').Id };
}
