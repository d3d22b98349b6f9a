using AuthzPlugin.Enforcement.Policy.Json;

namespace AuthzPlugin.Enforcement.Settings;

/// <summary>Rules about settings together.</summary>
internal static class SettingsRules
{
    public static void Check(ServiceSettings s, Findings findings)
    {
        Shorter("engine-timeout", s.EngineTimeout, s.DecisionTimeout, findings);
        Shorter("trust-server-connect-timeout", s.TrustServerConnectTimeout, s.DecisionTimeout, findings);
        Shorter("trust-server-request-timeout", s.TrustServerRequestTimeout, s.DecisionTimeout, findings);
        Shorter("trust-server-update-timeout", s.TrustServerUpdateTimeout, s.DecisionTimeout, findings);
        if (s.TrustServerRetry > s.TrustServerRetryMax)
        {
            findings.Problem(
                "trust-server-retry",
                Quote(s.TrustServerRetry),
                $"at most trust-server-retry-max, {Quote(s.TrustServerRetryMax)}",
                "lower it, or raise the other");
        }

        string[] sockets = [s.Socket, s.AdminSocket, s.EngineSocket, .. s.GateSocket.Length > 0 ? [s.GateSocket] : Array.Empty<string>()];
        if (sockets.Distinct(StringComparer.Ordinal).Count() < sockets.Length)
        {
            findings.Problem("socket", "one path for two of socket, admin-socket, gate-socket and engine-socket", "a path for each", "change one of them");
        }

        if (sockets.Contains(s.MetricsListen, StringComparer.Ordinal))
        {
            findings.Problem("metrics-listen", $"\"{s.MetricsListen}\", which is another socket's path", "a path of its own", "change one of them");
        }
    }

    /// <summary>The plugin must be able to say what did not answer before its own time is up.</summary>
    private static void Shorter(string name, TimeSpan value, TimeSpan decision, Findings findings)
    {
        if (value >= decision)
        {
            findings.Problem(name, Quote(value), $"less than decision-timeout, {Quote(decision)}", "lower it, or raise decision-timeout");
        }
    }

    private static string Quote(TimeSpan value) => "\"" + Duration.Format(value) + "\"";
}
