using System.Collections.Frozen;
using System.Text.Json;
using AuthzPlugin.Enforcement.EngineRequests;

namespace AuthzPlugin.Enforcement.HostAccess;

/// <summary>Capabilities that a container may be given: the engine's default set and a few that stay within its own namespaces.</summary>
internal static class Capabilities
{
    /// <summary>Not here, though often asked for: SYS_TIME (moves the clock that trust data expires by), DAC_READ_SEARCH (opens any inode).</summary>
    private static readonly FrozenSet<string> Harmless = FrozenSet.Create(
        StringComparer.Ordinal,
        // The engine's default set (20.10–29)
        "CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP", "NET_BIND_SERVICE",
        "SYS_CHROOT", "KILL", "AUDIT_WRITE",
        // Within the container's own namespaces and limits
        "NET_ADMIN", "NET_BROADCAST", "IPC_LOCK", "SYS_NICE", "SYS_PTRACE");

    public static bool Rule(JsonElement value, string field, List<HostDemand> found)
    {
        if (!value.TryStrings(out var names))
        {
            return false;
        }

        found.AddRange(names.Where(name => !IsHarmless(name)).Select(name => new HostDemand(field, HostReach.Always, $"asks for {name}")));
        return true;
    }

    /// <summary>Engines take <c>net_admin</c> and <c>CAP_NET_ADMIN</c> alike. Other than ASCII letters are folded by none of ours.</summary>
    private static bool IsHarmless(string name)
    {
        const string Prefix = "CAP_";
        var upper = name.ToUpperInvariant();
        return name.All(char.IsAscii) && Harmless.Contains(upper.StartsWith(Prefix, StringComparison.Ordinal) ? upper[Prefix.Length..] : upper);
    }
}
