using System.Text.Json;
using System.Text.RegularExpressions;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.HostAccess;

/// <summary>A field that gives access to the host, and how; both fit for a message.</summary>
internal sealed record HostAccessFinding(string Field, string How);

/// <summary>
/// Looks at what the fields of a request name (paths of the host, volumes and containers of the engine) and says whether one of them
/// gives access to the host.
/// </summary>
internal sealed partial class HostAccessDecider(EngineClient engine, ProtectedPaths paths)
{
    /// <summary>Most paths, volumes and containers that are looked at for one request.</summary>
    private const int MaxDemands = 256;

    /// <summary>Most containers in a row that share one another's namespaces.</summary>
    private const int MaxDepth = 4;

    /// <summary>The first demand that gives access, or null.</summary>
    /// <exception cref="EngineException">The engine could not tell.</exception>
    public Task<HostAccessFinding?> FindAsync(IReadOnlyList<HostDemand> demands, CancellationToken cancellation) =>
        FindAsync(demands, 0, cancellation);

    /// <summary>What a container that exists asks of the host: by what it was created with, and what is mounted in it.</summary>
    /// <exception cref="EngineException">The engine could not tell.</exception>
    public Task<HostAccessFinding?> FindAsync(EngineContainer container, CancellationToken cancellation) =>
        FindAsync(container, 0, cancellation);

    /// <summary>What is mounted in a container that exists.</summary>
    /// <exception cref="EngineException">The engine could not tell.</exception>
    public Task<HostAccessFinding?> FindInMountsAsync(EngineContainer container, CancellationToken cancellation) =>
        FindInMountsAsync(container, 0, cancellation);

    /// <summary>Whether it joins others by their names, which the engine resolves when it starts the container.</summary>
    public static bool NamesOthers(EngineContainer container) =>
        container.HostConfig is { ValueKind: JsonValueKind.Object } hostConfig && (Names(hostConfig, "PidMode") || Names(hostConfig, "IpcMode"));

    private static bool Names(JsonElement hostConfig, string field) =>
        hostConfig.TryText(field, out var mode)
        && mode.StartsWith(HostRules.Shared, StringComparison.Ordinal)
        && !ContainerNames.IsFullId(mode[HostRules.Shared.Length..]);

    private async Task<HostAccessFinding?> FindAsync(IReadOnlyList<HostDemand> demands, int depth, CancellationToken cancellation)
    {
        var always = demands.FirstOrDefault(d => d.Reach == HostReach.Always);
        if (always is not null)
        {
            return Finding(always, UntrustedText.Escape(always.Text));
        }

        var distinct = demands.DistinctBy(d => (d.Reach, d.Text, d.Writable)).ToArray();
        if (distinct.Length > MaxDemands)
        {
            return Finding(distinct[MaxDemands], $"is one of more than {MaxDemands} mounts, too many to be looked at");
        }

        HostAccessFinding? found = null;
        for (var i = 0; found is null && i < distinct.Length; i++)
        {
            found = await FindAsync(distinct[i], depth, cancellation).ConfigureAwait(false);
        }

        return found;
    }

    private Task<HostAccessFinding?> FindAsync(EngineContainer container, int depth, CancellationToken cancellation)
    {
        var demands = new List<HostDemand>();
        if (container.HostConfig is not { ValueKind: JsonValueKind.Object } hostConfig
            || !HostAccessReader.TryRead(hostConfig, HostBodies.Container, "HostConfig.", demands))
        {
            throw new EngineException(EngineFault.Unclear, "the engine does not tell what the container was created with");
        }

        // What other containers lend is among its mounts; they may be gone, and their names may mean others now.
        demands.RemoveAll(d => d.Field == "HostConfig.VolumesFrom");
        foreach (var mount in container.Mounts.Where(m => m.Type is "bind" or "volume"))
        {
            var (reach, text) = mount.Type == "bind" ? (HostReach.Path, mount.Source) : (HostReach.Volume, mount.Name);
            demands.Add(new HostDemand("Mounts", reach, text, mount.Writable));
        }

        return FindAsync(demands, depth, cancellation);
    }

    private Task<HostAccessFinding?> FindInMountsAsync(EngineContainer container, int depth, CancellationToken cancellation) =>
        FindAsync(container with { HostConfig = EmptyHostConfig }, depth, cancellation);

    private async Task<HostAccessFinding?> FindAsync(HostDemand demand, int depth, CancellationToken cancellation) => demand.Reach switch
    {
        HostReach.Path => await FindPathAsync(demand, cancellation).ConfigureAwait(false),
        HostReach.Volume => await FindVolumeAsync(demand, depth, cancellation).ConfigureAwait(false),
        HostReach.Container => await FindContainerAsync(demand, depth, cancellation).ConfigureAwait(false),
        HostReach.Runtime => await FindRuntimeAsync(demand, cancellation).ConfigureAwait(false),
        _ => Finding(demand, UntrustedText.Escape(demand.Text)),
    };

    private async Task<HostAccessFinding?> FindPathAsync(HostDemand demand, CancellationToken cancellation)
    {
        var identity = await engine.IdentityAsync(cancellation).ConfigureAwait(false);
        if (identity.DataRoot == "")
        {
            throw new EngineException(EngineFault.Unclear, "the engine does not tell where its data is");
        }

        if (!demand.Text.StartsWith('/'))
        {
            return Finding(demand, $"{UntrustedText.Escape(demand.Text)} is not an absolute path");
        }

        string[] enginePaths = identity.ContainerdAddress.StartsWith('/') ? [identity.DataRoot, identity.ContainerdAddress] : [identity.DataRoot];
        try
        {
            return paths.FindReached(demand.Text, demand.Writable, enginePaths) is { } reached
                ? Finding(demand, UntrustedText.Escape($"{demand.Text} reaches {reached}"))
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Finding(demand, UntrustedText.Escape($"{demand.Text} could not be looked at: {e.Message}"));
        }
    }

    /// <summary>A volume that does not exist yet is made without options, in the engine's own data.</summary>
    private async Task<HostAccessFinding?> FindVolumeAsync(HostDemand demand, int depth, CancellationToken cancellation)
    {
        if (demand.Text.Contains(Mounts.Template, StringComparison.Ordinal))
        {
            return await FindAnyVolumeAsync(demand, depth, cancellation).ConfigureAwait(false);
        }

        // Other names exist with other drivers only; what those mount is the administrator's choice.
        var volume = VolumeName().IsMatch(demand.Text)
            ? await engine.FindVolumeAsync(demand.Text, cancellation).ConfigureAwait(false)
            : null;
        return volume is { } inspected
            ? await FindInVolumeAsync(demand, inspected, demand.Text, depth, cancellation).ConfigureAwait(false)
            : null;
    }

    /// <summary>A swarm fills templates in, so the name can become that of any volume.</summary>
    private async Task<HostAccessFinding?> FindAnyVolumeAsync(HostDemand demand, int depth, CancellationToken cancellation)
    {
        HostAccessFinding? found = null;
        foreach (var volume in await engine.ListVolumesAsync(cancellation).ConfigureAwait(false))
        {
            found ??= volume.TryText("Name", out var name)
                ? await FindInVolumeAsync(demand, volume, name, depth, cancellation).ConfigureAwait(false)
                : throw new EngineException(EngineFault.Unclear, "the engine's list of volumes has one without a name");
        }

        return found;
    }

    private async Task<HostAccessFinding?> FindInVolumeAsync(
        HostDemand demand, JsonElement volume, string name, int depth, CancellationToken cancellation)
    {
        var demands = new List<HostDemand>();
        if (!HostAccessReader.TryRead(volume, HostBodies.VolumeInspect, $"{demand.Field}: volume {UntrustedText.Escape(name)}, ", demands))
        {
            throw new EngineException(EngineFault.Unclear, "the engine's answer about a volume is not what its API promises");
        }

        return await FindAsync(demands, depth, cancellation).ConfigureAwait(false);
    }

    private async Task<HostAccessFinding?> FindContainerAsync(HostDemand demand, int depth, CancellationToken cancellation)
    {
        var shown = UntrustedText.Escape(demand.Text);
        if (depth == MaxDepth)
        {
            return Finding(demand, $"shares with container {shown}, which shares with too many others in a row");
        }

        if (!ContainerNames.IsPlausible(demand.Text))
        {
            return Finding(demand, $"names container {shown} by something that is no name or id");
        }

        var other = await engine.FindContainerAsync(demand.Text, cancellation).ConfigureAwait(false);
        var found = other is null ? null : await SharedAsync(demand, other, depth + 1, cancellation).ConfigureAwait(false);
        return found is null ? null : Finding(demand, $"container {shown} has access to the host: {found.Field} {found.How}");
    }

    // Its mounts when those are shared, everything when a namespace is: a process there can be entered through /proc.
    private Task<HostAccessFinding?> SharedAsync(HostDemand demand, EngineContainer other, int depth, CancellationToken cancellation) =>
        demand.Field.EndsWith("VolumesFrom", StringComparison.Ordinal)
            ? FindInMountsAsync(other, depth, cancellation)
            : FindAsync(other, depth, cancellation);

    private async Task<HostAccessFinding?> FindRuntimeAsync(HostDemand demand, CancellationToken cancellation)
    {
        var identity = await engine.IdentityAsync(cancellation).ConfigureAwait(false);
        return demand.Text == identity.DefaultRuntime
            ? null
            : Finding(demand, UntrustedText.Escape($"is {demand.Text}, not the engine's default {identity.DefaultRuntime}"));
    }

    private static JsonElement EmptyHostConfig { get; } = JsonDocument.Parse("{}").RootElement.Clone();

    private static HostAccessFinding Finding(HostDemand demand, string how) => new(demand.Field, how);

    [GeneratedRegex(@"\A[a-zA-Z0-9][a-zA-Z0-9_.-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex VolumeName();
}
