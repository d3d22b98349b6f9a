using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>
/// The service as systemd runs it: the socket belongs to somebody else (here: to this object) and outlives every process, and the
/// policy is the stanza in the engine's daemon.json.
/// </summary>
public sealed class LabPlugin : IAsyncDisposable
{
    private readonly string _daemonJson;
    private readonly string _settingsFile;
    private readonly Socket _socket;
    private ContentTrust? _service;

    /// <param name="root">A folder for what the service writes.</param>
    public LabPlugin(IReadOnlyDictionary<string, string> env, string root)
    {
        Directory.CreateDirectory(root);
        _daemonJson = env["LAB_DAEMON_JSON"];
        _settingsFile = Path.Combine(root, "settings.json");
        Socket = Path.Combine(env["LAB_PLUGIN_DIR"], "content-trust.sock");
        Log = new GrowingFile(Path.Combine(root, "service.log"));
        AuditLog = new GrowingFile(Path.Combine(root, "audit.log"));
        Credentials = Path.Combine(root, "credentials.json");
        GateSocket = Environment.GetEnvironmentVariable("LAB_GATE") == "1" ? Path.Combine(root, "gate.sock") : null;
        WriteSettings(env, root);
        _socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _socket.Bind(new UnixDomainSocketEndPoint(Socket));
        _socket.Listen(4096);
    }

    /// <summary>Path of the plugin socket.</summary>
    public string Socket { get; }

    /// <summary>The gate's socket when every start has one (<c>LAB_GATE=1</c>); null otherwise.</summary>
    public string? GateSocket { get; }

    public GrowingFile Log { get; }

    public GrowingFile AuditLog { get; }

    /// <summary>The service's logins; the file is not there until a test writes it.</summary>
    public string Credentials { get; }

    /// <summary>Settings of this start that differ from the lab's, as they stand on the command line.</summary>
    public string[] Extra { get; private set; } = [];

    public bool Runs => _service is { Runs: true };

    public ContentTrust Service => _service ?? throw new InvalidOperationException("content-trust was not started");

    /// <summary>
    /// Records of requests since the mark, but for what changes names and content and is allowed whatever it is: tests make their images
    /// so (import, tag, push); and but for counts of floods, which come later than what they count.
    /// </summary>
    public IReadOnlyList<AuditEntry> Audit() =>
    [
        .. Records().Where(r => r.Phase is "request" or "response" && !r.IsCount
            && !(r.Reason == "allowed-by-policy" && r.Message.Contains("prove nothing here", StringComparison.Ordinal))),
    ];

    /// <summary>Records of what the engine started without a question, since the mark.</summary>
    public IReadOnlyList<AuditEntry> Unasked() => [.. Records().Where(r => r.Phase == "unasked-start")];

    public async Task StartAsync(params string[] extra)
    {
        Extra = extra;
        _service = await ContentTrust.ServeAsync(["--settings", _settingsFile, .. extra], _socket, Log.Path);
    }

    public async Task StopAsync()
    {
        if (_service is null)
        {
            return;
        }

        var code = Runs ? await _service.StopAsync() : _service.Process.ExitCode;
        await _service.DisposeAsync();
        _service = null;
        if (code != 0)
        {
            throw new InvalidOperationException($"content-trust ended with exit code {code}");
        }
    }

    public async Task RestartAsync(params string[] extra)
    {
        await StopAsync();
        await StartAsync(extra);
    }

    /// <summary>Writes daemon.json: what the engine needs, the plugin chain, and the stanza.</summary>
    public async Task WriteDaemonJsonAsync(IEnumerable<string> chain, JsonNode stanza)
    {
        var file = new JsonObject
        {
            ["bridge"] = "none",
            ["iptables"] = false,
            ["authorization-plugins"] = new JsonArray([.. chain.Select(name => JsonValue.Create(name))]),
            ["builder"] = new JsonObject { ["content-trust"] = stanza.DeepClone() },
        };
        await File.WriteAllTextAsync(_daemonJson + ".new", file.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        File.Move(_daemonJson + ".new", _daemonJson, overwrite: true);
    }

    /// <summary>SIGHUP, and waits until the log says what came of it; returns that line.</summary>
    public async Task<string> ReloadAsync()
    {
        var log = new GrowingFile(Log.Path);
        log.Mark();
        Posix.HangUp(Service.Process);
        await Wait.UntilAsync("the log says what came of the reload", () => Reloads(log).Any());
        return Reloads(log).First();
    }

    public static IEnumerable<string> Reloads(GrowingFile log) => log.Lines.Where(l => l.Contains("policy reload: ", StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }

        _socket.Dispose();
    }

    private IEnumerable<AuditEntry> Records() => AuditLog.Lines.Select(line => new AuditEntry(line));

    // Everything that the service would otherwise look for on this machine is in the lab or below root.
    private void WriteSettings(IReadOnlyDictionary<string, string> env, string root) =>
        File.WriteAllText(_settingsFile, new JsonObject
        {
            ["daemon-config"] = _daemonJson,
            ["policy-file"] = Path.Combine(root, "no-policy-here.json"),
            ["engine-socket"] = env["LAB_ENGINE_SOCKET"],
            ["gate-socket"] = GateSocket ?? "",
            ["admin-socket"] = Path.Combine(root, "admin.sock"),
            ["certs-dir"] = env["LAB_CERTS_D"],
            ["state-dir"] = Path.Combine(root, "state"),
            ["audit-file"] = AuditLog.Path,
            ["credentials-file"] = Credentials,
        }.ToJsonString());
}
