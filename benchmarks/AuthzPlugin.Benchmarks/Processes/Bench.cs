using System.Globalization;
using System.Text.Json.Nodes;
using AuthzPlugin.Benchmarks.World;

namespace AuthzPlugin.Benchmarks.Processes;

/// <summary>The two programs that are compared, the simulated world around them, and a folder for what they write.</summary>
/// <param name="product">Path of the published <c>content-trust</c>.</param>
/// <param name="floor">Path of the published floor.</param>
internal sealed class Bench(string product, string floor, string folder) : IDisposable
{
    private int _services;

    public string Product => product;

    public string Floor => floor;

    public SimulatedWorld World { get; } = SimulatedWorld.Start(Path.Combine(folder, "world"));

    /// <summary>A path in the bench's folder.</summary>
    public string PathOf(string name) => Path.Combine(folder, name);

    /// <summary>Starts the service with everything at its default but paths and what is given; its state is empty.</summary>
    /// <param name="freshness">The policy's; long, where trust data is to be fresh for a whole row.</param>
    public Served Serve(string freshness = "10s", params ReadOnlySpan<(string Key, string Value)> settings)
    {
        var home = PathOf(string.Create(CultureInfo.InvariantCulture, $"service-{_services++}"));
        Directory.CreateDirectory(home);
        var socket = Path.Combine(home, "plugin.sock");
        WritePolicy(Path.Combine(home, "daemon.json"), freshness);
        TrustServerCertificates(Path.Combine(home, "certs.d"));
        var written = new JsonObject
        {
            ["socket"] = socket,
            ["admin-socket"] = Path.Combine(home, "admin.sock"),
            ["engine-socket"] = World.EngineSocket,
            ["daemon-config"] = Path.Combine(home, "daemon.json"),
            ["policy-file"] = Path.Combine(home, "no-policy-here.json"),
            ["certs-dir"] = Path.Combine(home, "certs.d"),
            ["state-dir"] = Path.Combine(home, "state"),
            ["audit-file"] = Path.Combine(home, "audit.log"),
            ["credentials-file"] = Path.Combine(home, "no-logins-here.json"),
        };
        foreach (var (key, value) in settings)
        {
            written[key] = value;
        }

        var file = Path.Combine(home, "settings.json");
        File.WriteAllText(file, written.ToJsonString());
        return Served.Start(product, ["serve", "--settings", file], socket);
    }

    /// <summary>Starts the bare endpoint, with what it does besides.</summary>
    public Served ServeFloor(params IEnumerable<string> options)
    {
        var socket = PathOf(string.Create(CultureInfo.InvariantCulture, $"floor-{_services++}.sock"));
        return Served.Start(floor, [socket, .. options], socket);
    }

    /// <summary>The bare endpoint with one question to the engine about the app's image, as a create cannot do without.</summary>
    public Served ServeFloorOfCreate(params IEnumerable<string> options) =>
        ServeFloor(["--inspect", World.EngineSocket, $"/images/{Names.App}:{Names.Tag}/json", .. options]);

    /// <summary>The bare endpoint with one question to the engine about the container, as a start cannot do without.</summary>
    public Served ServeFloorOfStart() => ServeFloor("--inspect", World.EngineSocket, $"/containers/{Names.Container}/json");

    /// <summary>Writes the policy anew for a running service, whose folder has it beside the socket.</summary>
    public void WritePolicy(string file, string freshness)
    {
        var servers = new JsonObject { [Names.Registry] = SimulatedWorld.UrlOf(World.Port).ToString().TrimEnd('/') };
        for (var i = 0; i < World.AlonePorts.Count; i++)
        {
            servers[Names.Alone(i)] = SimulatedWorld.UrlOf(World.AlonePorts[i]).ToString().TrimEnd('/');
        }

        var policy = new JsonObject
        {
            ["mode"] = "enforced",
            ["trust-pinning"] = new JsonObject { ["root-keys"] = new JsonObject { [Names.Registry + "/*"] = new JsonArray(World.Pin) } },
            ["trust-servers"] = servers,
            ["freshness"] = freshness,
        };
        File.WriteAllText(file + ".new", new JsonObject { ["builder"] = new JsonObject { ["content-trust"] = policy } }.ToJsonString());
        File.Move(file + ".new", file, overwrite: true);
    }

    public void Dispose() => World.Dispose();

    private void TrustServerCertificates(string folder)
    {
        foreach (var port in World.AlonePorts.Append(World.Port))
        {
            var host = Directory.CreateDirectory(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"localhost:{port}")));
            File.Copy(World.Authority, Path.Combine(host.FullName, "ca.crt"));
        }
    }
}
