using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.Policy.Json;

namespace AuthzPlugin.Enforcement.Host;

/// <summary>Looks at the engine, at daemon.json, at processes and at sockets. What cannot be seen is left out: these are warnings, no decisions.</summary>
/// <param name="proc">Usually <c>/proc</c>.</param>
/// <param name="sockets">Sockets whose rights matter.</param>
/// <param name="gate">The gate's socket and the engine's behind it; null without a gate.</param>
internal sealed class HostInspection(
    EngineClient engine, string daemonConfig, string proc, IReadOnlyList<string> sockets, GatePlace? gate = null)
{
    public async Task<HostFacts> LookAsync(CancellationToken cancellation)
    {
        EngineInfo? info = null;
        try
        {
            info = await engine.InfoAsync(cancellation).ConfigureAwait(false);
        }
        catch (EngineException)
        {
            // dockerd waits for us at its start; the next look has it.
        }

        return new HostFacts
        {
            EngineVersion = info?.ServerVersion,
            InSwarm = info?.Swarm?.LocalNodeState is not (null or "" or "inactive"),
            Rootless = info?.SecurityOptions?.Contains("name=rootless") ?? false,
            AuthorizationPlugins = ReadStrings("authorization-plugins"),
            GateSocket = gate?.Socket,
            OtherHosts = gate is null ? [] : [.. Hosts().Where(h => !IsBehindGate(h)).Distinct(StringComparer.Ordinal)],
            PluginGivenAsFlag = Directory.EnumerateDirectories(proc).Any(IsDockerdWithFlag),
            SharedSockets = [.. sockets.Where(IsShared).Distinct(StringComparer.Ordinal)],
        };
    }

    private IEnumerable<string> Hosts() =>
        [.. ReadStrings("hosts") ?? [], .. Directory.EnumerateDirectories(proc).SelectMany(HostsOfDockerd)];

    /// <summary>What the engine is reached by through the gate alone: its private socket, by path or as passed by systemd.</summary>
    private bool IsBehindGate(string host) =>
        host.StartsWith("fd://", StringComparison.Ordinal)
        || host.Replace("unix:///var/run/", "unix:///run/", StringComparison.Ordinal) == "unix://" + gate!.EngineSocket;

    private static IEnumerable<string> HostsOfDockerd(string process)
    {
        var words = CommandLineOfDockerd(process);
        for (var i = 0; i < words.Length; i++)
        {
            if (words[i] is "-H" or "--host" && i + 1 < words.Length)
            {
                yield return words[++i];
            }
            else if (words[i].StartsWith("--host=", StringComparison.Ordinal) || words[i].StartsWith("-H=", StringComparison.Ordinal))
            {
                yield return words[i][(words[i].IndexOf('=', StringComparison.Ordinal) + 1)..];
            }
            else if (words[i].StartsWith("-H", StringComparison.Ordinal) && words[i].Length > 2)
            {
                yield return words[i][2..];
            }
        }
    }

    private string[]? ReadStrings(string key)
    {
        var file = ConfigFile.Read(daemonConfig);
        if (file.Bytes is not { } bytes || !ConfigJson.TryParse(bytes.Span, out var root, out _))
        {
            return null;
        }

        var plugins = root.Members.LastOrDefault(m => m.Name == key).Value;
        return plugins is { Kind: ConfigKind.Array }
            ? [.. plugins.Items.Where(p => p.Kind == ConfigKind.String).Select(p => p.Text)]
            : null;
    }

    private static bool IsDockerdWithFlag(string process) =>
        CommandLineOfDockerd(process).Any(a => a.StartsWith("--authorization-plugin", StringComparison.Ordinal));

    /// <summary>Empty when the process is another program.</summary>
    private static string[] CommandLineOfDockerd(string process)
    {
        if (!char.IsAsciiDigit(Path.GetFileName(process)[0]))
        {
            return [];
        }

        try
        {
            return File.ReadAllText(Path.Combine(process, "comm")).Trim() == "dockerd"
                ? File.ReadAllText(Path.Combine(process, "cmdline")).Split('\0')
                : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile.
            return [];
        }
    }

    private static bool IsShared(string socket) => FileStamp.Of(socket).IsWritableByStrangers;
}

/// <summary>Where a gate stands.</summary>
/// <param name="Socket">Where clients find it.</param>
/// <param name="EngineSocket">Where the engine listens behind it.</param>
public sealed record GatePlace(string Socket, string EngineSocket);
