using System.Text.Json.Nodes;

namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>The service without an engine, on a socket of its own making, for looking at the plugin protocol itself.</summary>
public sealed class LonePlugin : IAsyncDisposable
{
    private readonly string _root;

    private LonePlugin(string root) => _root = root;

    public string Socket => Path.Combine(_root, "run", "plugins", "content-trust.sock");

    public GrowingFile Log => new(Path.Combine(_root, "service.log"));

    public string AdminSocket => Path.Combine(_root, "run", "admin.sock");

    public string DaemonJson => Path.Combine(_root, "daemon.json");

    public GrowingFile AuditLog => new(Path.Combine(_root, "audit.log"));

    public ContentTrust Service { get; private set; } = null!;

    /// <summary>Options that keep a service away from this machine's own files.</summary>
    public static string[] Options(string root) =>
    [
        "--daemon-config", Path.Combine(root, "daemon.json"),
        "--policy-file", Path.Combine(root, "no-policy-here.json"),
        "--engine-socket", Path.Combine(root, "no-engine-here.sock"),
        "--state-dir", Path.Combine(root, "state"),
        "--audit-file", Path.Combine(root, "audit.log"),
        "--socket", Path.Combine(root, "run", "plugins", "content-trust.sock"),
        "--admin-socket", Path.Combine(root, "run", "admin.sock"),
        "--settings", Path.Combine(root, "settings.json"),
    ];

    /// <summary>A folder with a policy that enforces, and empty settings.</summary>
    public static string Folder()
    {
        var root = Directory.CreateTempSubdirectory("ct-lone-").FullName;
        File.WriteAllText(Path.Combine(root, "settings.json"), "{}");
        File.WriteAllText(Path.Combine(root, "daemon.json"), new JsonObject
        {
            ["builder"] = new JsonObject
            {
                ["content-trust"] = new JsonObject
                {
                    ["mode"] = "enforced",
                    ["trust-pinning"] = new JsonObject { ["root-keys"] = new JsonObject { ["registry.example.com/*"] = new JsonArray(new string('a', 64)) } },
                },
            },
        }.ToJsonString());
        return root;
    }

    /// <param name="extra">Options that count instead of these.</param>
    public static async Task<LonePlugin> StartAsync(Dictionary<string, string>? variables = null, params string[] extra)
    {
        var plugin = new LonePlugin(Folder());
        await plugin.ServeAsync(variables, extra);
        return plugin;
    }

    /// <summary>Starts the service once more, after it ended.</summary>
    public async Task ServeAsync(Dictionary<string, string>? variables = null, params string[] extra) =>
        Service = await ContentTrust.ServeAsync(
            Options(_root).Chunk(2).Where(o => !extra.Contains(o[0])).SelectMany(o => o).Concat(extra), null, Log.Path, variables);

    public Task<RawConnection> ConnectAsync() => RawConnection.ConnectAsync(Socket);

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }
}
