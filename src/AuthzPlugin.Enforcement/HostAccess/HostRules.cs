using System.Text.Json;
using AuthzPlugin.Enforcement.EngineRequests;

namespace AuthzPlugin.Enforcement.HostAccess;

/// <summary>
/// Adds what a field asks of the host to <paramref name="found"/>. False when the value has a type that the engine would not take.
/// </summary>
/// <param name="value">The field's value, never null or absent; or the object that has the field.</param>
/// <param name="field">How the field is called in messages.</param>
internal delegate bool HostRule(JsonElement value, string field, List<HostDemand> found);

/// <summary>The rules that fit several fields.</summary>
internal static class HostRules
{
    /// <summary>Begins a mode that joins a container's namespace.</summary>
    public const string Shared = "container:";

    private static readonly string[] OwnUnits = ["content-trust.service", "docker.service", "containerd.service"];

    // runc: org.systemd.property, org.criu.config; crun: run.oci; the others: kata, gVisor, and devices by name.
    private static readonly string[] Obeyed =
        ["org.systemd.property.", "org.criu.", "run.oci.", "io.katacontainers.", "dev.gvisor.", "cdi.k8s.io/"];

    public static bool WhenTrue(JsonElement value, string field, List<HostDemand> found)
    {
        if (value.ValueKind == JsonValueKind.True)
        {
            found.Add(new HostDemand(field, HostReach.Always, "is true"));
        }

        return value.ValueKind is JsonValueKind.True or JsonValueKind.False;
    }

    public static bool WhenNotEmpty(JsonElement value, string field, List<HostDemand> found)
    {
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0)
        {
            found.Add(new HostDemand(field, HostReach.Always, $"has {value.GetArrayLength()} of them"));
        }

        return value.ValueKind == JsonValueKind.Array;
    }

    /// <summary><c>host</c>, <c>container:NAME</c> (which may be in the host's), or a word that keeps the container apart.</summary>
    public static bool Namespace(JsonElement value, string field, List<HostDemand> found)
    {
        if (!value.TryString(out var mode))
        {
            return false;
        }

        if (mode.StartsWith(Shared, StringComparison.Ordinal))
        {
            found.Add(new HostDemand(field, HostReach.Container, mode[Shared.Length..]));
        }
        else if (mode is not ("" or "private" or "shareable" or "none"))
        {
            found.Add(new HostDemand(field, HostReach.Always, $"is {mode}"));
        }

        return true;
    }

    /// <summary>
    /// Device requests name devices by vendor and class (<c>docker run --device vendor.com/class=x</c>). GPUs by count or id
    /// (<c>--gpus</c>) reach no file or memory of the host and pass.
    /// </summary>
    public static bool CdiDevices(JsonElement value, string field, List<HostDemand> found)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        foreach (var request in value.EnumerateArray().Where(r => r.ValueKind != JsonValueKind.Null))
        {
            if (request.ValueKind != JsonValueKind.Object || !request.TryText("Driver", out var driver))
            {
                return false;
            }

            if (driver is not ("" or "nvidia"))
            {
                found.Add(new HostDemand(field, HostReach.Always, $"asks driver {driver} for devices"));
            }
        }

        return true;
    }

    /// <summary>
    /// Annotations are notes, but for those that an OCI runtime obeys: with them a container sets properties of its systemd unit,
    /// names hooks, or a configuration of CRIU with programs of the host in it.
    /// </summary>
    public static bool RuntimeAnnotations(JsonElement value, string field, List<HostDemand> found)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        var obeyed = value.EnumerateObject().Where(a => Obeyed.Any(prefix => a.Name.StartsWith(prefix, StringComparison.Ordinal)));
        found.AddRange(obeyed.Select(a => new HostDemand(field, HostReach.Always, $"has {a.Name}")));
        return true;
    }

    /// <summary>
    /// A cgroup parent is a resource limit, unless it climbs out of the hierarchy, or shares the limits of what asks and answers here:
    /// a container that fills their memory would have them killed.
    /// </summary>
    public static bool ParentSegments(JsonElement value, string field, List<HostDemand> found)
    {
        if (!value.TryString(out var path))
        {
            return false;
        }

        var segments = path.Split('/');
        if (segments.Contains("..", StringComparer.Ordinal))
        {
            found.Add(new HostDemand(field, HostReach.Always, $"{path} has a .. in it"));
        }
        else if (segments.Intersect(OwnUnits, StringComparer.Ordinal).Any())
        {
            found.Add(new HostDemand(field, HostReach.Always, $"{path} is in the unit of the engine or of content-trust"));
        }

        return true;
    }

    /// <summary>A runtime can be any program of the host (engine-authz.md 2.5); which is the default is the engine's to say.</summary>
    public static bool NamedRuntime(JsonElement value, string field, List<HostDemand> found) =>
        AddText(value, field, HostReach.Runtime, found);

    /// <summary>A path that the engine mounts.</summary>
    public static bool PathOfHost(JsonElement value, string field, List<HostDemand> found) =>
        AddText(value, field, HostReach.Path, found);

    private static bool AddText(JsonElement value, string field, HostReach reach, List<HostDemand> found)
    {
        if (!value.TryString(out var text))
        {
            return false;
        }

        if (text != "")
        {
            found.Add(new HostDemand(field, reach, text));
        }

        return true;
    }
}
