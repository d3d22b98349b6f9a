using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using AuthzPlugin.Enforcement.Policy.Json;

namespace AuthzPlugin.Enforcement.Settings;

/// <summary>
/// Where metrics may be read: a Unix socket, or a port of this machine alone. They say what a host runs and how well it is watched, so
/// no other address is legal; whoever wants them elsewhere puts something in front that asks who is there.
/// </summary>
public static class MetricsAddress
{
    /// <summary>Path or address as written in the settings; false for "" too.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out EndPoint? endpoint)
    {
        endpoint = null;
        if (text.StartsWith('/'))
        {
            endpoint = new UnixDomainSocketEndPoint(text);
        }
        else if (IPEndPoint.TryParse(text, out var address) && address.Port > 0 && IPAddress.IsLoopback(address.Address) && address.ToString() == text)
        {
            endpoint = address;
        }

        return endpoint is not null;
    }

    internal static Setting<string>? Read(ConfigNode node, Findings findings)
    {
        if (node.Kind == ConfigKind.String && node.Text.StartsWith('/'))
        {
            return SettingValues.ReadSocketPath(node, findings);
        }

        if (node.Kind == ConfigKind.String && (node.Text.Length == 0 || TryParse(node.Text, out _)))
        {
            return new(node.Text);
        }

        findings.Problem(
            node,
            "\"\", an absolute path of a Unix socket, or a loopback address with a port such as \"127.0.0.1:9464\"",
            "metrics are for this machine only; to read them from elsewhere put a proxy that asks for a login in front");
        return null;
    }
}
