namespace AuthzPlugin.Enforcement.HostAccess;

/// <summary>What must be looked at before it is known whether a field gives access to the host.</summary>
public enum HostReach
{
    /// <summary>Nothing: the field alone gives it. The text says what the field asks for.</summary>
    Always,

    /// <summary>The text is a path of the host.</summary>
    Path,

    /// <summary>The text names a volume, which may be a bind mount in disguise when it exists already.</summary>
    Volume,

    /// <summary>The text names a container, whose mounts or namespaces are shared.</summary>
    Container,

    /// <summary>The text names an OCI runtime; the engine's default is harmless.</summary>
    Runtime,
}

/// <summary>One thing of the host that a request asks for.</summary>
/// <param name="Field">The field as in the body, such as <c>HostConfig.Binds</c>.</param>
/// <param name="Text">Untrusted; escape it before it is shown.</param>
/// <param name="Writable">What is mounted can be written through the mount.</param>
public sealed record HostDemand(string Field, HostReach Reach, string Text, bool Writable = true);
