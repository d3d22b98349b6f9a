namespace AuthzPlugin.Gate.BuildKit;

/// <summary>What becomes of a call to the engine's build services.</summary>
internal enum MethodAnswer
{
    /// <summary>It passes as it is: it reads, or acts on a build whose source policy binds it.</summary>
    Pass,

    /// <summary>It passes once the build that it names was decided.</summary>
    Follow,

    /// <summary><c>Control/Status</c>: the same; it names the build in its message.</summary>
    Status,

    /// <summary><c>Control/Solve</c>: decided here, with a source policy of ours.</summary>
    Solve,

    /// <summary><c>LLBBridge/Solve</c>: a step of a decided build; looked into for what no source policy covers.</summary>
    Step,

    /// <summary>It does not pass.</summary>
    Refuse,
}

/// <summary>The calls that a client may make over <c>POST /grpc</c>. What is not in the table is refused: a new method is a new way in until somebody looked.</summary>
internal static class BuildKitMethods
{
    public const string Solve = Control + "Solve";
    public const string Step = Bridge + "Solve";

    private const string Control = "/moby.buildkit.v1.Control/";
    private const string Bridge = "/moby.buildkit.v1.frontend.LLBBridge/";
    private const string Content = "/containerd.services.content.v1.Content/";
    private const string Health = "/grpc.health.v1.Health/";

    private static readonly Dictionary<string, MethodAnswer> Known = new(StringComparer.Ordinal)
    {
        [Solve] = MethodAnswer.Solve,
        [Control + "Status"] = MethodAnswer.Status,
        [Control + "ListWorkers"] = MethodAnswer.Pass,
        [Control + "Info"] = MethodAnswer.Pass,
        [Control + "DiskUsage"] = MethodAnswer.Pass,
        [Control + "Prune"] = MethodAnswer.Pass,
        [Control + "ListenBuildHistory"] = MethodAnswer.Pass,
        [Control + "UpdateBuildHistory"] = MethodAnswer.Pass,

        // These resolve sources, under the policy of the build that they name.
        [Step] = MethodAnswer.Step,
        [Bridge + "ResolveImageConfig"] = MethodAnswer.Follow,
        [Bridge + "ResolveSourceMeta"] = MethodAnswer.Follow,

        // These only see results that were solved under it.
        [Bridge + "ReadFile"] = MethodAnswer.Follow,
        [Bridge + "ReadDir"] = MethodAnswer.Follow,
        [Bridge + "StatFile"] = MethodAnswer.Follow,
        [Bridge + "Evaluate"] = MethodAnswer.Follow,
        [Bridge + "Ping"] = MethodAnswer.Follow,
        [Bridge + "Return"] = MethodAnswer.Follow,
        [Bridge + "Inputs"] = MethodAnswer.Follow,
        [Bridge + "Warn"] = MethodAnswer.Follow,
        [Bridge + "NewContainer"] = MethodAnswer.Follow,
        [Bridge + "ReleaseContainer"] = MethodAnswer.Follow,
        [Bridge + "ExecProcess"] = MethodAnswer.Follow,

        // Reading what builds left: attestations and logs in the build history.
        [Content + "Info"] = MethodAnswer.Pass,
        [Content + "List"] = MethodAnswer.Pass,
        [Content + "Read"] = MethodAnswer.Pass,
        [Content + "Status"] = MethodAnswer.Pass,
        [Content + "ListStatuses"] = MethodAnswer.Pass,

        [Health + "Check"] = MethodAnswer.Pass,
        [Health + "Watch"] = MethodAnswer.Pass,
        ["/opentelemetry.proto.collector.trace.v1.TraceService/Export"] = MethodAnswer.Pass,
    };

    /// <summary>By the request's path, byte for byte as gRPC servers compare it.</summary>
    public static MethodAnswer AnswerTo(string path) => Known.GetValueOrDefault(path, MethodAnswer.Refuse);

    /// <summary>The sentence for a method that does not pass. <paramref name="shown"/> is escaped already.</summary>
    public static string Refusal(string shown) => shown == Control + "Session"
        ? "the gate takes build sessions by POST /session only; use docker build or docker buildx build with the docker driver"
        : $"the gate does not know the build call {shown}; use a builder of its own (docker buildx create), or upgrade content-trust";
}
