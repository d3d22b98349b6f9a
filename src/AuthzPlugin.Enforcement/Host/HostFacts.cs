namespace AuthzPlugin.Enforcement.Host;

/// <summary>What is known of the host at one moment, as far as it bears on the guarantee.</summary>
public sealed record HostFacts
{
    /// <summary>The engine's version; null when the engine could not be asked.</summary>
    public string? EngineVersion { get; init; }

    /// <summary>The engine is part of a swarm.</summary>
    public bool InSwarm { get; init; }

    /// <summary>The engine runs without root.</summary>
    public bool Rootless { get; init; }

    /// <summary><c>authorization-plugins</c> of daemon.json; null when the file or the list is not there or not readable.</summary>
    public IReadOnlyList<string>? AuthorizationPlugins { get; init; }

    /// <summary>A dockerd runs that was given <c>--authorization-plugin</c>.</summary>
    public bool PluginGivenAsFlag { get; init; }

    /// <summary>Where clients find the gate; null when there is none.</summary>
    public string? GateSocket { get; init; }

    /// <summary>Addresses at which dockerd listens besides the gate's engine socket: of daemon.json and of its command line.</summary>
    public IReadOnlyList<string> OtherHosts { get; init; } = [];

    /// <summary>Sockets that lead to the engine, to containerd or to us, and that a group or everybody may write to.</summary>
    public IReadOnlyList<string> SharedSockets { get; init; } = [];
}
