namespace AuthzPlugin.Trust.References;

/// <summary>
/// A fully qualified repository without tag or digest, normalised as the engine does:
/// <c>docker.io/library/alpine</c>, <c>localhost:5000/demo/app</c>. It is Notary's globally unique name (GUN).
/// Made only by <see cref="ImageReference.TryParse"/>, so a value is always well formed
/// (at most 255 characters, no <c>..</c>, no backslash, no leading slash).
/// </summary>
public sealed record RepositoryName
{
    internal RepositoryName(string domain, string path)
    {
        Domain = domain;
        Path = path;
        Name = $"{domain}/{path}";
    }

    /// <summary>Registry host with its port, <c>docker.io</c> for Docker Hub.</summary>
    public string Domain { get; }

    /// <summary>The part after the host, lower case.</summary>
    public string Path { get; }

    /// <summary>The whole name.</summary>
    public string Name { get; }

    public override string ToString() => Name;
}
