using static AuthzPlugin.Enforcement.EngineRequests.BodyKind;
using static AuthzPlugin.Enforcement.EngineRequests.DecidedBy;
using static AuthzPlugin.Enforcement.EngineRequests.Effect;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>
/// Every endpoint of the Engine API 1.24–1.55, in the engine's own order where two patterns fit one path.
/// A method and path that is not here and is not a read is refused: new endpoints appear with every engine (R1).
/// </summary>
internal static class EngineEndpoints
{
    public static IReadOnlyList<EngineEndpoint> All { get; } =
    [
        //   path                                            effect             body            decided by
        // Checkpoints (experimental engines; before containers, whose DELETE pattern would cover theirs)
        Get("/containers/{name:.*}/checkpoints"),
        Post("/containers/{name:.*}/checkpoints",            WritesCheckpoint,  Json,           Body),
        Delete("/containers/{name}/checkpoints/{checkpoint}", RemovesCheckpoint, Query),

        // Containers
        Get("/containers/json"),
        Get("/containers/{name:.*}/export"),
        Get("/containers/{name:.*}/changes"),
        Get("/containers/{name:.*}/json"),
        Get("/containers/{name:.*}/top"),
        Get("/containers/{name:.*}/logs"),
        Get("/containers/{name:.*}/stats"),
        Get("/containers/{name:.*}/attach/ws"),
        Get("/containers/{name:.*}/archive"),
        Head("/containers/{name:.*}/archive"),
        Put("/containers/{name:.*}/archive",                 ChangesFiles,      Tar,            Query),
        Post("/containers/create",                           CreatesContainer,  Json,           Body),
        Post("/containers/{name:.*}/kill",                   NoImage,           None,           PathOnly),
        Post("/containers/{name:.*}/pause",                  NoImage,           None,           PathOnly),
        Post("/containers/{name:.*}/unpause",                UnpausesContainer, None,           Query),
        Post("/containers/{name:.*}/restart",                RestartsContainer, None,           Query),
        Post("/containers/{name:.*}/start",                  StartsContainer,   None,           Query),
        Post("/containers/{name:.*}/stop",                   NoImage,           None,           PathOnly),
        Post("/containers/{name:.*}/wait",                   NoImage,           None,           PathOnly),
        Post("/containers/{name:.*}/resize",                 NoImage,           None,           PathOnly),
        Post("/containers/{name:.*}/attach",                 NoImage,           Hijack,         PathOnly),
        Post("/containers/{name:.*}/copy",                   NoImage,           Json,           PathOnly), // a read; engines before 26
        Post("/containers/{name:.*}/exec",                   RunsInContainer,   Json,           Body),
        Post("/containers/{name:.*}/rename",                 RenamesContainer,  None,           Query),
        Post("/containers/{name:.*}/update",                 UpdatesContainer,  Json,           Body),
        Post("/containers/prune",                            PrunesContainers,  None,           PathOnly),
        Delete("/containers/{name:.*}",                      RemovesContainer,  PathOnly),
        Post("/commit",                                      Imports,           OptionalJson,   Query, "changes"),

        // Exec
        Get("/exec/{id:.*}/json"),
        Post("/exec/{name:.*}/start",                        NoImage,           Hijack,         PathOnly),
        Post("/exec/{name:.*}/resize",                       NoImage,           None,           PathOnly),

        // Images
        Get("/images/json"),
        Get("/images/search"),
        Get("/images/get"),
        Get("/images/{name:.*}/get"),
        Get("/images/{name:.*}/history"),
        Get("/images/{name:.*}/json"),
        Get("/images/{name:.*}/attestations"),
        Get("/distribution/{name:.*}/json"),
        Post("/images/create",                               PullsOrImports,    Tar,            Query, "changes"),
        Post("/images/load",                                 Imports,           Tar,            Query, "platform"),
        Post("/images/{name:.*}/push",                       MovesImages,       OptionalJson,   Query),
        Post("/images/{name:.*}/tag",                        MovesImages,       None,           Query),
        Post("/images/prune",                                MovesImages,       None,           PathOnly),
        Delete("/images/{name:.*}",                          MovesImages,       PathOnly,           "platforms"),

        // Builds
        Post("/build",                                       Builds,            Tar,            Query, "t", "securityopt", "extrahosts"),
        Post("/build/prune",                                 NoImage,           None,           PathOnly),
        Post("/build/cancel",                                NoImage,           None,           PathOnly),
        Post("/session",                                     Builds,            Hijack,         PathOnly),
        Post("/grpc",                                        Builds,            Hijack,         PathOnly),

        // Networks
        Get("/networks"),
        Get("/networks/"),
        Get("/networks/{id:.+}"),
        Post("/networks/create",                             NoImage,           Json,           PathOnly),
        Post("/networks/{id:.*}/connect",                    NoImage,           Json,           PathOnly),
        Post("/networks/{id:.*}/disconnect",                 NoImage,           Json,           PathOnly),
        Post("/networks/prune",                              NoImage,           None,           PathOnly),
        Delete("/networks/{id:.*}",                          NoImage,           PathOnly),

        // Volumes
        Get("/volumes"),
        Get("/volumes/{name:.*}"),
        Post("/volumes/create",                              CreatesVolume,     Json,           Body),
        Post("/volumes/prune",                               NoImage,           None,           PathOnly),
        Put("/volumes/{name:.*}",                            NoImage,           Json,           PathOnly),
        Delete("/volumes/{name:.*}",                         NoImage,           PathOnly),

        // System
        Options("/{anyroute:.*}"),
        Get("/_ping"),
        Head("/_ping"),
        Get("/events"),
        Get("/info"),
        Get("/version"),
        Get("/system/df"),
        Post("/auth",                                        NoImage,           NeverForwarded, PathOnly),
        Get("/debug/vars"),
        Get("/debug/pprof/"),
        Get("/debug/pprof/{name}"),

        // Plugins
        Get("/plugins"),
        Get("/plugins/{name:.*}/json"),
        Get("/plugins/privileges"),
        Post("/plugins/pull",                                PullsPlugin,       Json,           Body),
        Post("/plugins/create",                              CreatesPlugin,     Tar,            Query),
        Post("/plugins/{name:.*}/upgrade",                   UpgradesPlugin,    Json,           Body),
        Post("/plugins/{name:.*}/enable",                    EnablesPlugin,     None,           Query),
        Post("/plugins/{name:.*}/set",                       ConfiguresPlugin,  Json,           Body),
        Post("/plugins/{name:.*}/disable",                   DisablesPlugin,    None,           PathOnly),
        Post("/plugins/{name:.*}/push",                      NoImage,           None,           PathOnly),
        Delete("/plugins/{name:.*}",                         RemovesPlugin,     PathOnly),

        // Swarm
        Secret("/swarm"),
        Secret("/swarm/unlockkey"),
        Post("/swarm/init",                                  JoinsSwarm,        Json,           Body),
        Post("/swarm/join",                                  JoinsSwarm,        Json,           Body),
        Post("/swarm/update",                                JoinsSwarm,        Json,           Body),
        Post("/swarm/unlock",                                JoinsSwarm,        Json,           Body),
        Post("/swarm/leave",                                 NoImage,           None,           PathOnly),
        Get("/nodes"),
        Get("/nodes/{id}"),
        Post("/nodes/{id}/update",                           NoImage,           Json,           PathOnly),
        Delete("/nodes/{id}",                                NoImage,           PathOnly),
        Get("/services"),
        Get("/services/{id}"),
        Get("/services/{id}/logs"),
        Post("/services/create",                             CreatesService,    Json,           Body),
        Post("/services/{id}/update",                        UpdatesService,    Json,           Body),
        Delete("/services/{id}",                             NoImage,           PathOnly),
        Get("/tasks"),
        Get("/tasks/{id}"),
        Get("/tasks/{id}/logs"),
        Get("/secrets"),
        Get("/secrets/{id}"),
        Post("/secrets/create",                              NoImage,           Json,           PathOnly),
        Post("/secrets/{id}/update",                         NoImage,           Json,           PathOnly),
        Delete("/secrets/{id}",                              NoImage,           PathOnly),
        Get("/configs"),
        Get("/configs/{id}"),
        Post("/configs/create",                              NoImage,           Json,           PathOnly),
        Post("/configs/{id}/update",                         NoImage,           Json,           PathOnly),
        Delete("/configs/{id}",                              NoImage,           PathOnly),
    ];

    private static EngineEndpoint Get(string path) => Read("GET", path, Reads);

    private static EngineEndpoint Head(string path) => Read("HEAD", path, Reads);

    private static EngineEndpoint Options(string path) => Read("OPTIONS", path, Reads);

    private static EngineEndpoint Secret(string path) => Read("GET", path, ShowsSwarmSecrets);

    private static EngineEndpoint Read(string method, string path, Effect effect) =>
        new(method, path, effect, None, DecidedBy.PathOnly, []);

    private static EngineEndpoint Post(string path, Effect effect, BodyKind body, DecidedBy by, params string[] repeats) =>
        new("POST", path, effect, body, by, repeats);

    private static EngineEndpoint Put(string path, Effect effect, BodyKind body, DecidedBy by) => new("PUT", path, effect, body, by, []);

    private static EngineEndpoint Delete(string path, Effect effect, DecidedBy by, params string[] repeats) =>
        new("DELETE", path, effect, None, by, repeats);
}
