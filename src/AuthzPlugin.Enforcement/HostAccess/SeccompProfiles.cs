using AuthzPlugin.Enforcement.EngineRequests;

namespace AuthzPlugin.Enforcement.HostAccess;

/// <summary>Whether a seccomp profile holds anything back: one whose default is to allow is <c>unconfined</c> under another name.</summary>
internal static class SeccompProfiles
{
    private static readonly JsonShape Shape = JsonShape.Struct(("defaultAction", JsonShape.Any), ("syscalls", JsonShape.Any));

    /// <param name="text">As in a security option: a profile in JSON, <c>builtin</c>, <c>unconfined</c>, or empty for the default.</param>
    public static bool IsConfining(string text)
    {
        if (text is "" or "builtin")
        {
            return true;
        }

        if (!JsonBody.TryRead(System.Text.Encoding.UTF8.GetBytes(text), Shape, out var profile, out _))
        {
            return false;
        }

        using (profile)
        {
            return profile.RootElement.TryText("defaultAction", out var action)
                && action is "SCMP_ACT_ERRNO" or "SCMP_ACT_KILL" or "SCMP_ACT_KILL_PROCESS" or "SCMP_ACT_KILL_THREAD" or "SCMP_ACT_TRAP";
        }
    }
}
