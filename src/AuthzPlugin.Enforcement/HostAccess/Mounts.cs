using System.Text.Json;
using AuthzPlugin.Enforcement.EngineRequests;

namespace AuthzPlugin.Enforcement.HostAccess;

/// <summary>
/// The ways to mount: <c>Binds</c>, <c>Mounts</c> and <c>VolumesFrom</c>. Propagation needs no rule of its own: it widens what can be
/// reached only above or below a mount's source, and sources above what is protected are refused.
/// </summary>
internal static class Mounts
{
    /// <summary>Begins a template, which a swarm fills in after our look: in names of volumes, sources, and options of volumes.</summary>
    public const string Template = "{{";

    /// <summary><c>SOURCE:TARGET[:MODE]</c>: an absolute source is a path, another a volume (engine: linux_parser.go, ParseMountRaw).</summary>
    public static bool BindTexts(JsonElement value, string field, List<HostDemand> found)
    {
        if (!value.TryStrings(out var binds))
        {
            return false;
        }

        foreach (var parts in binds.Select(b => b.Split(':')).Where(p => p.Length > 1))
        {
            var reach = parts[0].StartsWith('/') ? HostReach.Path : HostReach.Volume;
            var readOnly = parts.Length == 3 && parts[2].Split(',').Contains("ro", StringComparer.Ordinal);
            found.Add(new HostDemand(field, reach, parts[0], !readOnly));
        }

        return true;
    }

    public static bool List(JsonElement value, string field, List<HostDemand> found)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        foreach (var mount in value.EnumerateArray().Where(m => m.ValueKind != JsonValueKind.Null))
        {
            if (mount.ValueKind != JsonValueKind.Object || !One(mount, field, found))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary><c>CONTAINER[:ro|rw]</c>.</summary>
    public static bool FromContainers(JsonElement value, string field, List<HostDemand> found)
    {
        if (!value.TryStrings(out var containers))
        {
            return false;
        }

        found.AddRange(containers.Select(c => new HostDemand(field, HostReach.Container, c.Split(':')[0])));
        return true;
    }

    private static bool One(JsonElement mount, string field, List<HostDemand> found)
    {
        if (!mount.TryText("Type", out var type)
            || !mount.TryText("Source", out var source)
            || !mount.TryMember("VolumeOptions", JsonValueKind.Object, out var volume)
            || !IsReadOnly(mount, out var readOnly))
        {
            return false;
        }

        // The engine compares types exactly and refuses other spellings; here they count as what they resemble.
        switch (type.ToLowerInvariant())
        {
            case "bind":
                found.Add(source.Contains(Template, StringComparison.Ordinal)
                    ? new HostDemand(field, HostReach.Always, $"{source} has a template in it")
                    : new HostDemand(field, HostReach.Path, source, !readOnly));
                break;
            case "volume":
                found.AddRange(source == "" ? [] : [new HostDemand(field, HostReach.Volume, source, !readOnly)]);
                break;
            case "tmpfs" or "image" or "cluster":
                break;
            default:
                found.Add(new HostDemand(field, HostReach.Always, $"has a mount of type {type}"));
                break;
        }

        // Options make the volume that does not exist yet, whatever the mount's type says.
        return volume is not { } options || DriverConfig(options, field, found);
    }

    private static bool DriverConfig(JsonElement options, string field, List<HostDemand> found) =>
        options.TryMember("DriverConfig", JsonValueKind.Object, out var driver)
        && (driver is not { } config || HostAccessReader.TryRead(config, HostBodies.DriverConfig, field + ".VolumeOptions.DriverConfig.", found));

    private static bool IsReadOnly(JsonElement mount, out bool readOnly)
    {
        readOnly = mount.TryGetProperty("ReadOnly", out var value) && value.ValueKind == JsonValueKind.True;
        return readOnly || value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.False;
    }
}
