using System.Text.Json.Nodes;

namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>The service without an engine, on a socket of its own making, for looking at the plugin protocol itself.</summary>
public sealed class LonePlugin : IAsyncDisposable
{
    private readonly string _root;

    private LonePlugin(string root) => _root = root;

    public string Socket => Path.Combine(_root, "run", "plugins", "content-trust.sock");

    public GrowingFile Log => new(Path.Combine(_root, "service.log"));

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

    public static async Task<LonePlugin> StartAsync(Dictionary<string, string>? variables = null)
    {
        var plugin = new LonePlugin(Folder());
        plugin.Service = await ContentTrust.ServeAsync(Options(plugin._root), null, plugin.Log.Path, variables);
        return plugin;
    }

    public Task<RawConnection> ConnectAsync() => RawConnection.ConnectAsync(Socket);

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }
}
