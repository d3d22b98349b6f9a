using AuthzPlugin.Enforcement.Authorization;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Gate.BuildKit.Grpc;
using AuthzPlugin.Gate.BuildKit.Policies;
using AuthzPlugin.Gate.BuildKit.Protocol;
using AuthzPlugin.Gate.ClassicBuilds;
using AuthzPlugin.Gate.Dockerfiles;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Gate.BuildKit;

/// <summary>What came of looking at a build.</summary>
/// <param name="Build">About the whole of it.</param>
/// <param name="Images">What it may read: trusted, each.</param>
internal sealed record BuildVerdict(Decision Build, IReadOnlyCollection<Decision> Images)
{
    public static BuildVerdict Refused(Decision decision) => new(decision, []);
}

/// <summary>
/// Finds out which images a build will ask for, and decides each. What it misses, the source policy denies: this only makes honest builds
/// work, and says early and with a line number why others do not.
/// </summary>
internal sealed class BuildDecider(BuildKitParts parts, ClientSessions sessions)
{
    /// <summary>For reading the Dockerfile and for all decisions together.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(30);

    /// <summary>Images that one build may name in its request, its policy and its raw definitions.</summary>
    private const int MaxNamed = 128;

    /// <exception cref="OperationCanceledException">The client gave up.</exception>
    public async Task<BuildVerdict> DecideAsync(SolveRequest request, CallerIdentity caller, TrustPolicy policy, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(Budget, parts.Time);
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timer.Token);
        try
        {
            return await DecideInTimeAsync(request, caller, policy, budget.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return BuildVerdict.Refused(BuildDecisions.TimedOut("the build's Dockerfile", Budget));
        }
        catch (Exception e) when (e is GrpcException or IOException)
        {
            return Ambiguous($"the gate cannot read the Dockerfile through the client's session ({UntrustedText.Escape(e.Message)}); try again");
        }
    }

    private async Task<BuildVerdict> DecideInTimeAsync(
        SolveRequest request, CallerIdentity caller, TrustPolicy policy, CancellationToken cancellation)
    {
        var attributes = new BuildAttributes(new Dictionary<string, string>(request.FrontendAttrs, StringComparer.Ordinal));
        var wanted = new WantedImages();
        foreach (var image in attributes.NamedImages)
        {
            wanted.Need(image, "");
        }

        if (attributes.FrontendImage is { } frontend)
        {
            wanted.Need(frontend, "Dockerfile frontend: ");
        }

        if (ReadsDockerfile(request) && await DockerfileAsync(request, attributes, wanted, caller, policy, cancellation).ConfigureAwait(false) is { } problem)
        {
            return Ambiguous(problem);
        }

        foreach (var identifier in Definitions.Sources([request.Definition, .. request.FrontendInputs.Values])
            .Concat(request.SourcePolicy?.Rules.Select(r => r.Updates?.Identifier ?? "") ?? [])
            .Where(i => i.StartsWith(PinnedImage.Scheme, StringComparison.Ordinal)))
        {
            wanted.Try(identifier[PinnedImage.Scheme.Length..]);
        }

        return wanted.Count > MaxNamed
            ? Ambiguous($"the build names more than {MaxNamed} images; build it in parts")
            : await wanted.DecideAsync(image => DecideAsync(image, policy, cancellation)).ConfigureAwait(false);
    }

    // buildx asks for a build without a frontend and names it in a later step, but the attributes are there.
    private static bool ReadsDockerfile(SolveRequest request) =>
        request.Definition is null && (request.Frontend.Length > 0 || request.FrontendAttrs.Count > 0) && !request.FrontendInputs.ContainsKey("dockerfile");

    private async Task<string?> DockerfileAsync(
        SolveRequest request, BuildAttributes attributes, WantedImages wanted, CallerIdentity caller, TrustPolicy policy, CancellationToken cancellation)
    {
        if (attributes.RemoteContext is { } remote)
        {
            if (policy.RemoteContexts)
            {
                // Nobody sees its Dockerfile: whatever that begins from, the source policy denies.
                return null;
            }

            return $"the Dockerfile comes from {UntrustedText.Escape(remote)}, where the gate cannot see it; "
                + "fetch or unpack it and build from the folder, or give the Dockerfile alone on the standard input (-f -)";
        }

        var session = await sessions.FindAsync(caller.Uid, attributes.FolderSession ?? request.Session, cancellation).ConfigureAwait(false);
        if (session is null)
        {
            return "the client opened no session that the gate could read the Dockerfile from; use docker build or docker buildx build";
        }

        string[] names = Path.GetFileName(attributes.FileName) == "Dockerfile"
            ? [attributes.FileName, Path.Combine(Path.GetDirectoryName(attributes.FileName) ?? "", "dockerfile")]
            : [attributes.FileName];
        var file = await ClientFiles.ReadAsync(session, attributes.Folder, names, DockerfileReader.MaxLength, cancellation).ConfigureAwait(false);

        // None: BuildKit says so in its own words, and has nothing to read images from.
        return file is null ? null : Read(file, attributes, wanted);
    }

    private static string? Read(byte[] file, BuildAttributes attributes, WantedImages wanted)
    {
        var name = UntrustedText.Escape(attributes.FileName);
        var other = attributes.FrontendIsChosen ? attributes.FrontendImage : SyntaxDirective.Find(file)?.Image;
        if (other is not null && !attributes.FrontendIsChosen)
        {
            wanted.Need(
                other, $"{name}: frontend of the line # syntax=: ", "; or remove that line: the engine has a frontend of its own");
        }

        foreach (var platform in attributes.Platforms())
        {
            var reading = DockerfileReader.Read(file, new DockerfileOptions(BuilderKind.BuildKit, attributes.Arguments, platform));
            if (reading.Problem is { } problem)
            {
                // Another frontend may read another language; then the source policy alone decides.
                return other is not null ? null
                    : $"{name}{(problem.Line > 0 ? $":{problem.Line}" : "")}: {problem.Text}; see the build gate in docs/gate.md";
            }

            foreach (var use in ReachedImages.Of(reading, attributes.Target, attributes.IsReplaced))
            {
                wanted.Need(use.Reference, $"{name}:{use.Line}: ");
            }
        }

        return null;
    }

    private async Task<Decision> DecideAsync(string image, TrustPolicy policy, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(parts.DecisionTimeout, parts.Time);
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timer.Token);
        try
        {
            var decision = await parts.Decide(image, policy, budget.Token).ConfigureAwait(false);

            // As for every request: a tag may have been signed just now.
            return decision is { FromCache: true, Stale: false, Reason: ReasonCode.NotSigned or ReasonCode.DigestMismatch }
                ? await parts.Decide(image, policy with { Freshness = TimeSpan.Zero }, budget.Token).ConfigureAwait(false)
                : decision;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return BuildDecisions.TimedOut(UntrustedText.Escape(image), parts.DecisionTimeout);
        }
    }

    private static BuildVerdict Ambiguous(string reason) => BuildVerdict.Refused(BuildDecisions.Ambiguous(reason));
}
