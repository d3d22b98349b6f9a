using System.Text.Json;
using AuthzPlugin.Enforcement.EngineRequests;

namespace AuthzPlugin.Enforcement.HostAccess;

/// <summary>
/// <c>HostConfig.SecurityOpt</c>: <c>key=value</c>, or <c>key:value</c> of old clients (engine: daemon_unix.go, parseSecurityOpt).
/// What this version does not know is taken for a way out of confinement.
/// </summary>
internal static class SecurityOptions
{
    public static bool Rule(JsonElement value, string field, List<HostDemand> found)
    {
        if (!value.TryStrings(out var options))
        {
            return false;
        }

        found.AddRange(options.Where(o => !IsConfining(o)).Select(o => new HostDemand(field, HostReach.Always, $"has {o}")));
        return true;
    }

    public static bool ServiceLabelType(JsonElement value, string field, List<HostDemand> found)
    {
        if (!value.TryString(out var type))
        {
            return false;
        }

        if (!IsConfiningType(type))
        {
            found.Add(new HostDemand(field, HostReach.Always, $"is {type}"));
        }

        return true;
    }

    private static bool IsConfining(string option)
    {
        var separator = option.Contains('=', StringComparison.Ordinal) ? '=' : ':';
        var at = option.IndexOf(separator, StringComparison.Ordinal);
        var (key, text) = at < 0 ? (option, "") : (option[..at], option[(at + 1)..]);
        return key switch
        {
            "no-new-privileges" => true,
            "seccomp" => at >= 0 && SeccompProfiles.IsConfining(text),
            "apparmor" => at >= 0 && !text.Contains("unconfined", StringComparison.OrdinalIgnoreCase),
            "label" => at >= 0 && IsConfiningLabel(text),
            "writable-cgroups" => text is "false" or "False" or "FALSE" or "f" or "F" or "0",
            _ => false,
        };
    }

    private static bool IsConfiningLabel(string label) => label.Split(':', 2) switch
    {
        ["type", var type] => IsConfiningType(type),
        ["user" or "role" or "level" or "filetype", _] or ["nested"] => true,
        _ => false,
    };

    // Types of SELinux policies that confine nothing; others are the administrator's own.
    private static bool IsConfiningType(string type) =>
        type is not ("spc_t" or "container_runtime_t" or "init_t" or "kernel_t") && !type.Contains("unconfined", StringComparison.Ordinal);
}
