using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace AuthzPlugin.Testing.Engine;

/// <summary>
/// An engine with the classic or the containerd image store, as far as decisions ask it. It sits behind the production
/// client as an HTTP handler. Tests change its state directly, also between a question and its result, as an attacker would.
/// </summary>
public sealed class SimulatedEngine : HttpMessageHandler
{
    private readonly Lock _lock = new();
    private readonly List<PipeWriter> _listeners = [];

    public string EngineId { get; set; } = "ENGINE-1";

    public bool Containerd { get; set; }

    public string DataRoot { get; set; } = "/var/lib/docker";

    public string Version { get; set; } = "28.5.2";

    /// <summary>Its place in a swarm, as <c>/info</c> has it.</summary>
    public string SwarmState { get; set; } = "inactive";

    public IReadOnlyList<string> SecurityOptions { get; set; } = ["name=seccomp,profile=default"];

    /// <summary>How many clients read events now.</summary>
    public int Listeners
    {
        get
        {
            lock (_lock)
            {
                return _listeners.Count;
            }
        }
    }

    /// <summary>Every call is answered by this instead, when set.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage?>? Interfere { get; set; }

    /// <summary>Images by id.</summary>
    public Dictionary<string, SimulatedImage> Images { get; } = new(StringComparer.Ordinal);

    /// <summary>Image id by normalised name:tag.</summary>
    public Dictionary<string, string> Tags { get; } = new(StringComparer.Ordinal);

    /// <summary>Containers by id.</summary>
    public Dictionary<string, SimulatedContainer> Containers { get; } = new(StringComparer.Ordinal);

    /// <summary>Volumes by name, as the API shows them.</summary>
    public Dictionary<string, JsonObject> Volumes { get; } = new(StringComparer.Ordinal);

    /// <summary>Managed plugins by name and by id, as the API shows them.</summary>
    public Dictionary<string, JsonObject> Plugins { get; } = new(StringComparer.Ordinal);

    /// <summary>Services by name or id, as the API shows them.</summary>
    public Dictionary<string, JsonObject> Services { get; } = new(StringComparer.Ordinal);

    /// <summary>What the registry serves, by name:tag.</summary>
    public Dictionary<string, string> Registry { get; } = new(StringComparer.Ordinal);

    /// <summary>Method and path of every call, in order.</summary>
    public List<string> Calls { get; } = [];

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            var path = Uri.UnescapeDataString(request.RequestUri!.AbsolutePath);
            Calls.Add($"{request.Method} {path}");
            return Task.FromResult(Interfere?.Invoke(request) ?? Answer(request.Method.Method, path, request.RequestUri.Query));
        }
    }

    /// <summary>Tells everybody who reads events.</summary>
    public async Task RaiseAsync(string containerId, string action)
    {
        foreach (var listener in Current())
        {
            var line = new JsonObject
            {
                ["status"] = action,
                ["id"] = containerId,
                ["Type"] = "container",
                ["Action"] = action,
                ["Actor"] = new JsonObject { ["ID"] = containerId },
            };
            await listener.WriteAsync(Encoding.UTF8.GetBytes(line.ToJsonString() + "\n"));
        }
    }

    /// <summary>Ends all streams of events, as a restart of the engine does.</summary>
    public async Task EndEventsAsync()
    {
        foreach (var listener in Current(forget: true))
        {
            await listener.CompleteAsync();
        }
    }

    private PipeWriter[] Current(bool forget = false)
    {
        lock (_lock)
        {
            PipeWriter[] listeners = [.. _listeners];
            if (forget)
            {
                _listeners.Clear();
            }

            return listeners;
        }
    }

    private HttpResponseMessage Events()
    {
        var pipe = new Pipe();
        _listeners.Add(pipe.Writer);
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(pipe.Reader.AsStream()) };
    }

    private HttpResponseMessage Answer(string method, string path, string query) => (method, path.Split('/', StringSplitOptions.RemoveEmptyEntries)) switch
    {
        ("GET", ["info"]) => Json(Info()),
        ("GET", ["containers", "json"]) => Json(new JsonArray([.. Containers.Values.Where(c => c.Running || query == "?all=1").Select(c => new JsonObject { ["Id"] = c.Id })])),
        ("GET", ["images", "json"]) => Json(new JsonArray([.. Images.Values.Select(ToJson)])),
        ("GET", ["images", .. var name, "json"]) => Image(string.Join('/', name)),
        ("GET", ["containers", .. var name, "json"]) => Container(string.Join('/', name)),
        ("GET", ["distribution", .. var name, "json"]) => Distribution(string.Join('/', name)),
        ("GET", ["volumes"]) => Json(new JsonObject { [nameof(Volumes)] = new JsonArray([.. Volumes.Values.Select(v => v.DeepClone())]), ["Warnings"] = null }),
        ("GET", ["volumes", var name]) => Stated(Volumes, name),
        ("GET", ["plugins", .. var name, "json"]) => Stated(Plugins, string.Join('/', name)),
        ("GET", ["services", var name]) => Stated(Services, name),
        ("GET", ["events"]) => Events(),
        ("POST", ["containers", var id, "kill"]) => Kill(id),
        ("POST", ["containers", var id, "stop"]) => Kill(id),
        ("DELETE", ["containers", var id]) => Remove(id),
        _ => Error(HttpStatusCode.NotFound, "page not found"),
    };

    private static HttpResponseMessage Stated(Dictionary<string, JsonObject> objects, string name) => objects.TryGetValue(name, out var found)
        ? Json(found.DeepClone())
        : Error(HttpStatusCode.NotFound, $"no such object: {name}");

    private JsonObject Info() => new()
    {
        ["ID"] = EngineId,
        ["Driver"] = "overlay2",
        ["DriverStatus"] = Containerd
            ? new JsonArray(new JsonArray("driver-type", "io.containerd.snapshotter.v1"))
            : new JsonArray(new JsonArray("Backing Filesystem", "extfs")),
        ["ServerVersion"] = Version,
        ["DockerRootDir"] = DataRoot,
        ["DefaultRuntime"] = "runc",
        ["Swarm"] = new JsonObject { ["LocalNodeState"] = SwarmState },
        [nameof(SecurityOptions)] = new JsonArray([.. SecurityOptions.Select(o => JsonValue.Create(o))]),
    };

    private HttpResponseMessage Image(string name)
    {
        var image = Find(name);
        if (image is null)
        {
            return Error(HttpStatusCode.NotFound, $"No such image: {name}");
        }

        return Json(ToJson(image));
    }

    private JsonObject ToJson(SimulatedImage image)
    {
        var json = new JsonObject
        {
            ["Id"] = image.Id,
            ["RepoTags"] = new JsonArray([.. Tags.Where(t => t.Value == image.Id).Select(t => JsonValue.Create(t.Key))]),
            ["RepoDigests"] = new JsonArray([.. image.RepoDigests.Select(d => JsonValue.Create(d))]),
        };
        if (Containerd)
        {
            json["Descriptor"] = new JsonObject { ["digest"] = image.Id };
        }

        return json;
    }

    private SimulatedImage? Find(string name)
    {
        if (Images.GetValueOrDefault(name) is { } byId)
        {
            return byId;
        }

        if (name.Contains('@', StringComparison.Ordinal))
        {
            return Images.Values.FirstOrDefault(i => i.RepoDigests.Contains(name));
        }

        var tagged = name.LastIndexOf(':') > name.LastIndexOf('/') ? name : name + ":latest";
        return Tags.TryGetValue(tagged, out var id)
            ? Images[id]
            : Images.Values.FirstOrDefault(i => i.Id.StartsWith("sha256:" + name, StringComparison.Ordinal));
    }

    private HttpResponseMessage Container(string name)
    {
        var container = FindContainer(name);
        return container is null
            ? Error(HttpStatusCode.NotFound, $"No such container: {name}")
            : Json(new JsonObject
            {
                ["Id"] = container.Id,
                ["Name"] = "/" + container.Name,
                ["Image"] = container.ImageId,
                ["Config"] = new JsonObject { ["Image"] = container.ConfiguredImage },
                ["State"] = new JsonObject { ["Running"] = container.Running, ["StartedAt"] = container.StartedAt.ToString("O") },
                ["Mounts"] = new JsonArray(
                    [.. container.MountTypes.Select(t => new JsonObject { ["Type"] = t }), .. container.Mounts.Select(m => m.DeepClone())]),
                ["HostConfig"] = JsonNode.Parse(container.HostConfig),
            });
    }

    private SimulatedContainer? FindContainer(string name) =>
        Containers.GetValueOrDefault(name)
        ?? Containers.Values.FirstOrDefault(c => c.Name == name)
        ?? Containers.Values.FirstOrDefault(c => c.Id.StartsWith(name, StringComparison.Ordinal));

    private HttpResponseMessage Distribution(string name) => Registry.TryGetValue(name, out var digest)
        ? Json(new JsonObject { ["Descriptor"] = new JsonObject { ["digest"] = digest } })
        : Error(HttpStatusCode.NotFound, $"manifest unknown: {name}");

    private HttpResponseMessage Kill(string id)
    {
        if (FindContainer(id) is { } container)
        {
            container.Running = false;
        }

        return new HttpResponseMessage(HttpStatusCode.NoContent);
    }

    private HttpResponseMessage Remove(string id) =>
        new(Containers.Remove(id) ? HttpStatusCode.NoContent : HttpStatusCode.NotFound);

    private static HttpResponseMessage Error(HttpStatusCode status, string message) =>
        Json(new JsonObject { ["message"] = message }, status);

    private static HttpResponseMessage Json(JsonNode body, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
}

/// <summary>An image of the simulated engine.</summary>
public sealed record SimulatedImage(string Id, IReadOnlyList<string> RepoDigests);

/// <summary>A container of the simulated engine.</summary>
public sealed class SimulatedContainer
{
    public required string Id { get; init; }

    public required string Name { get; set; }

    public required string ImageId { get; init; }

    public string ConfiguredImage { get; init; } = "";

    public bool Running { get; set; }

    public DateTimeOffset StartedAt { get; set; } = DateTimeOffset.MinValue;

    public IReadOnlyList<string> MountTypes { get; init; } = [];

    /// <summary>Mounts as the API shows them.</summary>
    public IReadOnlyList<JsonObject> Mounts { get; init; } = [];

    /// <summary>What it was created with, in JSON.</summary>
    public string HostConfig { get; set; } = """{"Runtime":"runc","IpcMode":"private"}""";
}
