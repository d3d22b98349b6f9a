using System.Text;
using System.Text.Json;
using AuthzPlugin.Enforcement.Approvals;
using AuthzPlugin.Enforcement.Audit;
using AuthzPlugin.Enforcement.Authorization;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Enforcement.HostAccess;
using AuthzPlugin.Enforcement.LocalBuilds;
using AuthzPlugin.Enforcement.Metrics;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Signatures;
using AuthzPlugin.Testing.Engine;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Testing.TrustData;
using AuthzPlugin.Trust.Pinning;
using AuthzPlugin.Trust.References;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthzPlugin.Enforcement.Tests.Authorization;

/// <summary>The whole authorization service over a simulated engine and stated trust data, with its files in a folder of the test.</summary>
internal sealed class AuthorizationBench : IDisposable
{
    public const string Repository = "registry.example.com/team/app";

    public static readonly string RootKey = new('a', 64);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("content-trust-test-");
    private readonly EngineTransport _transport;
    private readonly AuditLog _audit;

    public AuthorizationBench(EnforcementMode mode = EnforcementMode.Enforced, int maxApprovals = 100, string? auditFile = null, TimeProvider? time = null,
        ISignatureSource? signatures = null)
    {
        AuditFile = auditFile ?? Path.Combine(_folder.FullName, "audit", "audit.log");
        Policy = new TrustPolicy
        {
            Mode = mode,
            Pins = Pins("registry.example.com/team/*", RootKey),
            TrustServers = new TrustServers([]),
            Fingerprint = new string('0', 64),
        };
        Meter = new ServiceMeter(() => Policy, time ?? TimeProvider.System);
        _transport = new EngineTransport(Engine, EngineOptions.Default);
        _audit = new AuditLog(new AuditOptions(AuditFile), time ?? TimeProvider.System);
        Approvals = new ApprovalStore(_folder.FullName, maxApprovals, NullLogger<ApprovalStore>.Instance);
        Verified = new VerifiedImages(_folder.FullName, 100, NullLogger<VerifiedImages>.Instance);
        Builds = new LocalBuildStore(_folder.FullName, 3, NullLogger<LocalBuildStore>.Instance);
        Service = new AuthorizationService(
            () => InForce ?? new PolicyInForce(Policy, ""), Trust, signatures ?? Signatures, new("/none.json", (_, _) => Task.FromResult<string?>(null)), _transport, Approvals, Verified, Builds,
            _audit, new ProtectedPaths(Host, ["/var/lib/content-trust", "/var/log/content-trust/audit.log", "/opt/content-trust/"]), new AuthorizationOptions(TimeSpan.FromSeconds(2)), time ?? TimeProvider.System, NullLoggerFactory.Instance, Meter.Decisions);
    }

    public SimulatedEngine Engine { get; } = new();

    public SimulatedHost Host { get; } = new();

    public StatedTrustData Trust { get; } = new();

    /// <summary>Signatures as a test states them, unless it brought a source of its own.</summary>
    public StatedSignatures Signatures { get; } = new();

    public TrustPolicy Policy { get; set; }

    public PolicyInForce? InForce { get; set; }

    public ApprovalStore Approvals { get; }

    public VerifiedImages Verified { get; }

    public LocalBuildStore Builds { get; }

    public AuthorizationService Service { get; }

    public ServiceMeter Meter { get; }

    public string AuditFile { get; }

    public long AuditFailures => _audit.Failures;

    public static RootPins Pins(string pattern, string id) =>
        new([new RootPin(pattern, PinKind.RootKeys, System.Collections.Frozen.FrozenSet.Create(id))]);

    public static Digest DigestOf(char c)
    {
        Assert.True(Digest.TryFromHex(new string(c, 64), out var digest));
        return digest;
    }

    /// <summary>Signs a tag, serves it in the registry and has the engine pull it.</summary>
    public SimulatedImage PullSigned(string tag, char digest, char imageId)
    {
        Trust[Repository].Tags[tag] = DigestOf(digest);
        Engine.Registry[$"{Repository}:{tag}"] = DigestOf(digest).ToString();
        var image = new SimulatedImage(DigestOf(imageId).ToString(), [$"{Repository}@{DigestOf(digest)}"]);
        Engine.Images[image.Id] = image;
        Engine.Tags[$"{Repository}:{tag}"] = image.Id;
        return image;
    }

    /// <summary>An image that was built here, under a tag.</summary>
    public SimulatedImage Build(string name, char imageId)
    {
        var image = new SimulatedImage(DigestOf(imageId).ToString(), []);
        Engine.Images[image.Id] = image;
        Engine.Tags[name] = image.Id;
        return image;
    }

    /// <summary>Adds an exception to the policy: a digest, or any content of a repository pattern.</summary>
    /// <param name="expires">Null: in a year.</param>
    public void Except(string subject, DateTimeOffset? expires = null)
    {
        var rule = new ExceptionRule
        {
            Digest = Digest.TryParse(subject, out var digest) ? digest : null,
            Image = digest is null ? subject : null,
            Reason = "OPS-1",
            Expires = expires ?? DateTimeOffset.UtcNow.AddYears(1),
            Source = "daemon.json",
            Path = "exceptions[0]",
        };
        Policy = Policy with { Exceptions = new ExceptionList([.. Policy.Exceptions.All, rule]) };
    }

    public SimulatedContainer Container(char id, string name, string imageId, string configuredImage = "")
    {
        var container = new SimulatedContainer { Id = new string(id, 64), Name = name, ImageId = imageId, ConfiguredImage = configuredImage };
        Engine.Containers[container.Id] = container;
        return container;
    }

    public static AuthZRequest Pull(string query) => Post("/v1.41/images/create?" + query);

    public static AuthZRequest Create(string image) =>
        Post("/v1.41/containers/create", JsonSerializer.Serialize(new Dictionary<string, string> { ["Image"] = image }));

    /// <summary>A create with more members, in JSON, such as <c>"HostConfig":{…}</c>.</summary>
    public static AuthZRequest CreateWith(string members, string image = Repository + ":1") =>
        Post("/v1.41/containers/create", $$"""{"Image":"{{image}}",{{members}}}""");

    public static AuthZRequest Start(string container) => Post($"/v1.41/containers/{container}/start");

    public static AuthZRequest Post(string uri, string? json = null)
    {
        var body = json is null ? [] : Encoding.UTF8.GetBytes(json);
        var headers = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Content-Length"] = body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
        if (json is not null)
        {
            headers["Content-Type"] = "application/json";
        }

        return new AuthZRequest("POST", uri, headers, body, null, null);
    }

    public Task<Answer> AskAsync(AuthZRequest? request) => Service.AuthorizeRequestAsync(request, CancellationToken.None).AsTask();

    /// <summary>Asks, lets the engine create the container from whatever the name means then, and reports the result.</summary>
    public async Task<(Answer Request, Answer? Response)> CreateAsync(string image, SimulatedContainer container)
    {
        var request = Create(image);
        var asked = await AskAsync(request);
        if (!asked.Allow)
        {
            return (asked, null);
        }

        Engine.Containers[container.Id] = container;
        return (asked, await ReportAsync(request, 201, $$"""{"Id":"{{container.Id}}","Warnings":[]}"""));
    }

    public Task<Answer> ReportAsync(AuthZRequest request, int status, string body = "") =>
        Service.AuthorizeResponseAsync(request, new EngineResult(status, Encoding.UTF8.GetBytes(body)), CancellationToken.None);

    /// <summary>The audit records so far.</summary>
    public IReadOnlyList<JsonElement> Records()
    {
        using var stream = new FileStream(AuditFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    public string LastReason() => Records()[^1].GetProperty("reason").GetString()!;

    public void Dispose()
    {
        Service.Dispose();
        Meter.Dispose();
        _audit.Dispose();
        _transport.Dispose();
        Engine.Dispose();
        _folder.Delete(recursive: true);
    }
}
