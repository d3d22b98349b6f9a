using System.Text.Json;
using AuthzPlugin.Enforcement.EngineRequests;

namespace AuthzPlugin.Enforcement.HostAccess;

/// <summary>The other ways to switch confinement off: paths that are no longer masked, and the switches of services.</summary>
internal static class Confinement
{
    // Of the engine's lists those whose loss shows or changes the host's kernel. A service's "systempaths=unconfined" and an
    // empty list are the same here; newer engines mask more, so the lists are not compared as a whole.
    private static readonly string[] Masked = ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/scsi", "/sys/firmware"];
    private static readonly string[] ReadOnly = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    public static bool MaskedPaths(JsonElement value, string field, List<HostDemand> found) =>
        Keeps(Masked, value, field, found);

    public static bool ReadonlyPaths(JsonElement value, string field, List<HostDemand> found) =>
        Keeps(ReadOnly, value, field, found);

    /// <summary><c>Mode</c>: default, unconfined, custom; <c>Profile</c>: bytes in base64.</summary>
    public static bool ServiceSeccomp(JsonElement value, string field, List<HostDemand> found)
    {
        if (value.ValueKind != JsonValueKind.Object || !value.TryText("Mode", out var mode) || !value.TryText("Profile", out var profile))
        {
            return false;
        }

        if (!(mode is "" or "default" && profile == "") && !(mode == "custom" && IsConfining(profile)))
        {
            found.Add(new HostDemand(field, HostReach.Always, $"is {mode}"));
        }

        return true;
    }

    public static bool ServiceAppArmor(JsonElement value, string field, List<HostDemand> found)
    {
        if (!value.TryString(out var mode))
        {
            return false;
        }

        if (mode is not ("" or "default"))
        {
            found.Add(new HostDemand(field, HostReach.Always, $"is {mode}"));
        }

        return true;
    }

    private static bool IsConfining(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length)
            && SeccompProfiles.IsConfining(System.Text.Encoding.UTF8.GetString(bytes, 0, length));
    }

    private static bool Keeps(string[] paths, JsonElement value, string field, List<HostDemand> found)
    {
        if (!value.TryStrings(out var kept))
        {
            return false;
        }

        found.AddRange(paths.Except(kept, StringComparer.Ordinal).Take(1).Select(path => new HostDemand(field, HostReach.Always, $"leaves out {path}")));
        return true;
    }
}
