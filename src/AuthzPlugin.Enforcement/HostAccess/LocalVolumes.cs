using System.Text.Json;
using AuthzPlugin.Enforcement.EngineRequests;

namespace AuthzPlugin.Enforcement.HostAccess;

/// <summary>
/// Options of the <c>local</c> volume driver, which hands them to mount(2): <c>type</c>, <c>o</c>, <c>device</c>. With <c>o=bind</c> the
/// device is a path of the host whatever the type says (done on 20.10: a bind-like volume over <c>/bin</c>). Other drivers read
/// their options as they like; they are programs that an administrator installed.
/// </summary>
internal static class LocalVolumes
{
    /// <summary>File systems that reach nothing of this host: memory, and other hosts.</summary>
    private static readonly string[] Apart = ["tmpfs", "nfs", "nfs4", "cifs", "smb3", "ceph"];

    public static bool DriverOpts(JsonElement holder, string field, List<HostDemand> found) => Read(holder, "Driver", "DriverOpts", field, found);

    public static bool InspectedOptions(JsonElement holder, string field, List<HostDemand> found) =>
        Read(holder, "Driver", "Options", field, found);

    public static bool InlineOptions(JsonElement holder, string field, List<HostDemand> found) => Read(holder, "Name", "Options", field, found);

    private static bool Read(JsonElement holder, string driverMember, string optionsMember, string field, List<HostDemand> found)
    {
        if (!holder.TryText(driverMember, out var driver)
            || !holder.TryMember(optionsMember, JsonValueKind.Object, out var member)
            || member is not { } options
            || !options.TryText("type", out var type)
            || !options.TryText("o", out var flags)
            || !options.TryText("device", out var device))
        {
            return false;
        }

        if (!IsTemplate(driver) && driver is not ("" or "local"))
        {
            return true;
        }

        if (IsTemplate(driver) || options.EnumerateObject().Any(o => IsTemplate(o.Name) || (o.Value.TryString(out var text) && IsTemplate(text))))
        {
            found.Add(new HostDemand(field, HostReach.Always, "have a template in them"));
        }
        else if (type != "" || device != "")
        {
            // Without type and device the driver mounts nothing.
            Add(type, flags, device, field, found);
        }

        return true;
    }

    private static bool IsTemplate(string text) => text.Contains(Mounts.Template, StringComparison.Ordinal);

    private static void Add(string type, string flags, string device, string field, List<HostDemand> found)
    {
        var binds = flags.Split(',').Any(f => f.Trim() is "bind" or "rbind" or "move");
        if (binds || type is "" or "none" or "bind" or "rbind")
        {
            found.Add(new HostDemand(field, HostReach.Path, device));
        }
        else if (!Apart.Contains(type, StringComparer.Ordinal))
        {
            found.Add(new HostDemand(field, HostReach.Always, $"mounts a file system of type {type}"));
        }
    }
}
