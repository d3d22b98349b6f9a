namespace AuthzPlugin.Gate.Dockerfiles;

/// <summary>Who will execute the Dockerfile; the two read some things differently.</summary>
public enum BuilderKind
{
    /// <summary>The engine's own builder (API version 1), 20.10 to 28.</summary>
    Classic,

    /// <summary>BuildKit's Dockerfile frontend.</summary>
    BuildKit,
}

/// <summary>What besides the text decides which images a Dockerfile uses.</summary>
/// <param name="BuildArgs">The request's build arguments; those without a value are not among them.</param>
/// <param name="PlatformArgs">
/// What BuildKit defines itself (<c>TARGETARCH</c>, <c>BUILDPLATFORM</c>, …), as far as the caller knows the values. A FROM that needs
/// one that is not here is refused as unresolvable. The classic builder defines none.
/// </param>
public sealed record DockerfileOptions(
    BuilderKind Builder,
    IReadOnlyDictionary<string, string> BuildArgs,
    IReadOnlyDictionary<string, string> PlatformArgs)
{
    /// <summary>No build arguments, no known platform.</summary>
    public static DockerfileOptions Of(BuilderKind builder) =>
        new(builder, new Dictionary<string, string>(), new Dictionary<string, string>());
}
