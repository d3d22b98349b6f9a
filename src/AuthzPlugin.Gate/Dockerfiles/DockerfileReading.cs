namespace AuthzPlugin.Gate.Dockerfiles;

/// <summary>Where an image is named.</summary>
public enum ImageUseKind
{
    /// <summary><c>FROM</c>.</summary>
    From,

    /// <summary><c>COPY --from</c> or <c>ADD --from</c>.</summary>
    CopyFrom,

    /// <summary><c>RUN --mount=…,from=…</c>.</summary>
    MountFrom,
}

/// <summary>Bytes of the file.</summary>
public readonly record struct ByteRange(int Start, int Length);

/// <summary>What must stand in a place of the forwarded file.</summary>
public sealed record Replacement(ByteRange Place, string Text);

/// <summary>An image from outside the Dockerfile: neither an earlier stage nor <c>scratch</c>.</summary>
/// <param name="Line">Where the instruction begins, from 1.</param>
/// <param name="Reference">As the builder would resolve it: variables and quotes are gone. Not yet known to be a valid reference.</param>
/// <param name="Place">What the signed reference replaces.</param>
/// <param name="OnBuild">Used by whoever builds from the result.</param>
public sealed record ImageUse(int Line, ImageUseKind Kind, string Reference, ByteRange Place, bool OnBuild);

/// <summary>Why a Dockerfile is refused: half a sentence for a person, what came from the file in it escaped.</summary>
/// <param name="Line">From 1; 0 speaks of the whole file.</param>
public sealed record DockerfileProblem(int Line, string Text);

/// <summary>A build stage.</summary>
/// <param name="Name">Lower case; null without <c>AS</c>.</param>
/// <param name="Base">What its FROM resolves to.</param>
/// <param name="Line">Of its FROM.</param>
public sealed record BuildStage(string? Name, string Base, int Line);

/// <summary>Everything in a Dockerfile that decides images.</summary>
/// <param name="Images">External images in the order of the file, each use by itself.</param>
/// <param name="Literals">
/// FROM words that resolve to a stage or <c>scratch</c> through a variable or quotes: to be written plainly, so that the builder's own
/// reading of them decides nothing.
/// </param>
/// <param name="Stages">In the order of the file.</param>
/// <param name="Problem">The first reason to refuse the file; then the rest says nothing.</param>
public sealed record DockerfileReading(
    IReadOnlyList<ImageUse> Images,
    IReadOnlyList<Replacement> Literals,
    IReadOnlyList<BuildStage> Stages,
    DockerfileProblem? Problem)
{
    /// <summary>Where files are taken from an earlier stage, by its name or number.</summary>
    public IReadOnlyList<StageUse> StageUses { get; init; } = [];
}

/// <summary>A stage that takes files from another.</summary>
/// <param name="Line">Where the instruction begins, from 1.</param>
/// <param name="Stage">The other, as the file names it.</param>
public sealed record StageUse(int Line, string Stage);
