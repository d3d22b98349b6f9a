namespace AuthzPlugin.Enforcement.Policy;

/// <summary>The files that can hold the policy, in the order of search.</summary>
/// <param name="DaemonConfig">The engine's own configuration: <c>builder.content-trust</c>, then <c>content-trust</c> in it.</param>
/// <param name="PolicyFile">The stanza alone.</param>
public sealed record PolicyPaths(string DaemonConfig = "/etc/docker/daemon.json", string PolicyFile = "/etc/docker/content-trust.json");
