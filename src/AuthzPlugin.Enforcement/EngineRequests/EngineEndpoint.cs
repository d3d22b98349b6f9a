namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>What a request to an endpoint does with images and with what they run in.</summary>
internal enum Effect
{
    /// <summary>Changes nothing.</summary>
    Reads,

    /// <summary>Changes something, but starts no image and moves no name of a container.</summary>
    NoImage,

    /// <summary>Moves, makes or removes images and their names; they prove nothing here, content does (R7).</summary>
    MovesImages,

    /// <summary>Makes images of content that no registry serves: load, commit.</summary>
    Imports,

    /// <summary>Puts files into a container.</summary>
    ChangesFiles,

    /// <summary>Pulls with <c>fromImage</c>, imports a file system with <c>fromSrc</c>.</summary>
    PullsOrImports,

    CreatesContainer,
    StartsContainer,
    RestartsContainer,
    UnpausesContainer,

    /// <summary>May set a restart policy, so that the engine starts the container later without asking.</summary>
    UpdatesContainer,

    /// <summary>Runs a command in a running container, which may be privileged.</summary>
    RunsInContainer,

    /// <summary>Creates a volume, which may be a bind mount of the host.</summary>
    CreatesVolume,

    RenamesContainer,
    RemovesContainer,
    PrunesContainers,

    /// <summary>Writes process images of a container into a directory of the host.</summary>
    WritesCheckpoint,

    /// <summary>Removes a directory of the host.</summary>
    RemovesCheckpoint,

    Builds,

    /// <summary>Pulls a managed plugin.</summary>
    PullsPlugin,

    /// <summary>Replaces a managed plugin.</summary>
    UpgradesPlugin,

    /// <summary>Makes a managed plugin of an archive that nobody signed.</summary>
    CreatesPlugin,

    EnablesPlugin,
    ConfiguresPlugin,

    /// <summary>Disables a managed plugin, which could be this one.</summary>
    DisablesPlugin,

    /// <summary>Removes a managed plugin, which could be this one.</summary>
    RemovesPlugin,

    JoinsSwarm,

    /// <summary>Hands out the tokens with which a node joins.</summary>
    ShowsSwarmSecrets,

    CreatesService,
    UpdatesService,
}

/// <summary>What a client sends in the body.</summary>
internal enum BodyKind
{
    None,

    /// <summary>A JSON value.</summary>
    Json,

    /// <summary>A JSON value or nothing.</summary>
    OptionalJson,

    /// <summary>A tar stream, which the engine never shows to plugins.</summary>
    Tar,

    /// <summary>JSON that the engine never shows to plugins (credentials).</summary>
    NeverForwarded,

    /// <summary>After the answer the connection is a stream.</summary>
    Hijack,
}

/// <summary>What must be seen of a request before it can be decided: each value includes those before it.</summary>
internal enum DecidedBy
{
    /// <summary>Method and path. Whatever the body holds changes nothing.</summary>
    PathOnly,

    /// <summary>
    /// Query parameters, so no form may hide in the body (R4); or a name that the engine must resolve at once, which a body that it
    /// waits for would delay until the name means another container (done on 20.10.24 and 28.5.2 with restart).
    /// </summary>
    Query,

    /// <summary>The JSON body, so it must be there (R3).</summary>
    Body,
}

/// <summary>
/// One row of <see cref="EngineEndpoints"/>: a route of the Engine API as the engine registers it (without the version prefix).
/// </summary>
/// <param name="Method">HTTP method, exact.</param>
/// <param name="Path">
/// The engine's pattern: <c>{name:.*}</c> is any text with slashes, <c>{id}</c> any text without. Both are not empty here
/// (an empty name names nothing, and the engine's <c>.*</c> would take one).
/// </param>
/// <param name="Repeats">Query keys that clients repeat; every other key may stand once (R5).</param>
internal sealed record EngineEndpoint(
    string Method,
    string Path,
    Effect Effect,
    BodyKind Body,
    DecidedBy DecidedBy,
    IReadOnlyList<string> Repeats)
{
    /// <summary>The name for records and messages: <c>POST /containers/{name}/start</c>.</summary>
    public string Name { get; } =
        $"{Method} {Path.Replace(":.*}", "}", StringComparison.Ordinal).Replace(":.+}", "}", StringComparison.Ordinal)}";

    /// <summary>The decision depends on the names in the path, so they must be plain (R5).</summary>
    public bool NamesMatter => Effect is not (Effect.Reads or Effect.NoImage or Effect.MovesImages or Effect.Imports);
}
