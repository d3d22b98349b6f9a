using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.Policy.Json;

namespace AuthzPlugin.Enforcement.Host;

/// <summary>Looks at the engine, at daemon.json, at processes and at sockets. What cannot be seen is left out: these are warnings, no decisions.</summary>
/// <param name="proc">Usually <c>/proc</c>.</param>
/// <param name="sockets">Sockets whose rights matter.</param>
internal sealed class HostInspection(EngineClient engine, string daemonConfig, string proc, IReadOnlyList<string> sockets)
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
            AuthorizationPlugins = ReadPlugins(),
            PluginGivenAsFlag = Directory.EnumerateDirectories(proc).Any(IsDockerdWithFlag),
            SharedSockets = [.. sockets.Where(IsShared).Distinct(StringComparer.Ordinal)],
        };
    }

    private string[]? ReadPlugins()
    {
        var file = ConfigFile.Read(daemonConfig);
        if (file.Bytes is not { } bytes || !ConfigJson.TryParse(bytes.Span, out var root, out _))
        {
            return null;
        }

        var plugins = root.Members.LastOrDefault(m => m.Name == "authorization-plugins").Value;
        return plugins is { Kind: ConfigKind.Array }
            ? [.. plugins.Items.Where(p => p.Kind == ConfigKind.String).Select(p => p.Text)]
            : null;
    }

    private static bool IsDockerdWithFlag(string process)
    {
        if (!char.IsAsciiDigit(Path.GetFileName(process)[0]))
        {
            return false;
        }

        try
        {
            return File.ReadAllText(Path.Combine(process, "comm")).Trim() == "dockerd"
                && File.ReadAllText(Path.Combine(process, "cmdline")).Split('\0')
                    .Any(a => a.StartsWith("--authorization-plugin", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile.
            return false;
        }
    }

    private static bool IsShared(string socket) => FileStamp.Of(socket).IsWritableByStrangers;
}
