using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthzPlugin.Enforcement.Authorization;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Settings;
using AuthzPlugin.Hosting;
using AuthzPlugin.Protocol;
using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Testing.Notary;
using AuthzPlugin.Trust.Pinning;

namespace AuthzPlugin.Tests.Support;

/// <summary>All parts of the service in this process, without an engine, with a simulated trust server and files in a folder of the test.</summary>
internal sealed class LoneService : IAsyncDisposable
{
    public const string Repository = "registry.example.com/team/app";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ct-lone-service-");
    private readonly ServiceParts _parts;
    private readonly PolicyHolder _holder;

    private LoneService(NotarySimulator notary, Func<ServiceSettings, ServiceSettings> change)
    {
        Notary = notary;
        var repository = new TestRepository(Repository, DateTimeOffset.UtcNow);
        repository.Targets.Tags["1"] = new string('1', 64);
        notary.Publish(repository);
        var policy = new TrustPolicy
        {
            Mode = EnforcementMode.Enforced,
            Pins = new RootPins([new RootPin("registry.example.com/*", PinKind.RootKeys, new[] { repository.Root.Keys[0].CanonicalId }.ToFrozenSet(StringComparer.Ordinal))]),
            TrustServers = new TrustServers([KeyValuePair.Create("registry.example.com", notary.Url)]),
            Freshness = TimeSpan.Zero,
            Fingerprint = new string('0', 64),
        };
        Settings = change(new ServiceSettings
        {
            Socket = PathOf("plugin.sock"),
            AdminSocket = PathOf("admin.sock"),
            EngineSocket = PathOf("no-engine.sock"),
            DaemonConfig = PathOf("daemon.json"),
            CertsDir = PathOf("certs.d"),
            StateDir = PathOf("state"),
            AuditFile = PathOf("audit.log"),
            CredentialsFile = PathOf("docker-config.json"),
        });
        _holder = new PolicyHolder(() => new PolicyLoadResult(policy, [], [], true), TimeProvider.System);
        _parts = new ServiceParts(
            Settings, () => new PolicyInForce(policy, ""), new BreakGlass(Settings.StateDir, TimeProvider.System), TimeProvider.System, Log);
    }

    public NotarySimulator Notary { get; }

    public ServiceSettings Settings { get; }

    public KeptLog Log { get; } = new();

    public static async Task<LoneService> StartAsync(Func<ServiceSettings, ServiceSettings>? change = null) =>
        new(await NotarySimulator.StartAsync(), change ?? (s => s));

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>The engine asks whether somebody may pull; returns the answer as it is on the wire.</summary>
    public async Task<(bool Allow, string Message)> PullAsync(string tag)
    {
        var message = new JsonObject
        {
            ["RequestMethod"] = "POST",
            ["RequestUri"] = $"/v1.41/images/create?fromImage={Uri.EscapeDataString(Repository)}&tag={tag}",
            ["RequestHeaders"] = new JsonObject { ["Content-Length"] = "0" },
        };
        var context = new DefaultHttpContext();
        context.Request.Method = "POST";
        context.Request.Path = "/AuthZPlugin.AuthZReq";
        context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(message.ToJsonString()));
        using var answer = new MemoryStream();
        context.Response.Body = answer;
        await _parts.Endpoint.HandleAsync(context);
        var json = JsonDocument.Parse(answer.ToArray()).RootElement;
        return (json.GetProperty("Allow").GetBoolean(), json.GetProperty("Msg").GetString()!);
    }

    public Task<ServiceStatus> StatusAsync(int days = ServiceStatus.DefaultDays) =>
        StatusReport.CollectAsync(_holder, _parts, new GateReport(null, Settings.EngineSocket, DateTimeOffset.UnixEpoch), TimeProvider.System, days, CancellationToken.None);

    /// <summary>Every file that the service wrote.</summary>
    public string Written()
    {
        var text = new StringBuilder();
        foreach (var file in _folder.GetFiles("*", SearchOption.AllDirectories).Where(f => f.FullName != Settings.CredentialsFile && (f.Attributes & FileAttributes.Normal) != 0))
        {
            using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            text.Append(reader.ReadToEnd());
        }

        return text.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await _parts.DisposeAsync();
        await Notary.DisposeAsync();
        Log.Dispose();
        _folder.Delete(recursive: true);
    }
}
