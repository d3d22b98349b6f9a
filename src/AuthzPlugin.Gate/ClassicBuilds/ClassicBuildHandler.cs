using AuthzPlugin.Enforcement.Authorization;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Gate.Dockerfiles;
using AuthzPlugin.Gate.Proxy;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Gate.ClassicBuilds;

/// <summary>
/// Classic builds through the gate: the context streams on to the engine with the signed digest of every image in its Dockerfile. A build
/// that is refused on the way never gets the end of its context, without which the engine starts nothing.
/// </summary>
/// <param name="images">What a build may begin from.</param>
/// <param name="builds">Takes the record of every build, and remembers its image.</param>
/// <param name="engine">Asked for ONBUILD triggers.</param>
/// <param name="decisionTimeout">Longest time for the decision about one image.</param>
public sealed class ClassicBuildHandler(
    BaseImages images, GateBuilds builds, EngineClient engine, TimeSpan decisionTimeout, TimeProvider time)
{
    private const string Ambiguity = "send it as docker build does";

    /// <summary>An <see cref="ExchangeHandler"/> for <c>POST /build</c> of version 1.</summary>
    public async Task HandleAsync(GateExchange exchange, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var policy = exchange.Policy!;
        try
        {
            var query = ReadQuery(exchange, policy);
            if (query.IsRemote)
            {
                Record(BuildDecisions.RemoteAllowed(), exchange, policy, started);
                await exchange.ForwardAsync(exchange.Head, null, inspected: true, null, cancellation).ConfigureAwait(false);
                return;
            }

            await BuildAsync(exchange, query, policy, started, cancellation).ConfigureAwait(false);
        }
        catch (ContextException e)
        {
            var decision = BuildDecisions.Ambiguous($"the build context {e.Message}{(e.Message.Contains("; ", StringComparison.Ordinal) ? "" : $"; {Ambiguity}")}");
            await RefuseAsync(decision, exchange, policy, started, cancellation).ConfigureAwait(false);
        }
        catch (BuildRefusedException e)
        {
            await RefuseAsync(e.Decision, exchange, policy, started, cancellation).ConfigureAwait(false);
        }
    }

    private static BuildQuery ReadQuery(GateExchange exchange, TrustPolicy policy)
    {
        string? problem = "has parameters that cannot be read with certainty";
        var query = exchange.Route?.Query is { } parameters ? BuildQuery.Read(parameters, out problem) : null;
        if (query is null)
        {
            throw new BuildRefusedException(BuildDecisions.Ambiguous($"the build {problem}; {Ambiguity}"));
        }

        // The engine takes the body of a form for parameters (R4).
        var type = exchange.Head.Headers["Content-Type"] ?? "";
        if (type.Contains("form", StringComparison.OrdinalIgnoreCase) || exchange.Head.Headers.CountOf("Content-Type") > 1)
        {
            throw new BuildRefusedException(BuildDecisions.Ambiguous("the build has a body that the engine would take for a form; send it as application/x-tar"));
        }

        return (query.IsRemote && !policy.RemoteContexts, query.HasCacheFrom && !policy.CacheFrom) switch
        {
            (true, _) => throw new BuildRefusedException(BuildDecisions.ByPolicy(
                "the build has a remote context, which the engine fetches itself so that nobody sees what it begins from; "
                + "fetch it and build from the local folder, or see builds-allow in the policy")),
            (_, true) => throw new BuildRefusedException(BuildDecisions.ByPolicy(
                "the build takes layers from other images (cache-from), which nobody signed; leave that out, or see builds-allow in the policy")),
            _ => query,
        };
    }

    private async Task BuildAsync(
        GateExchange exchange, BuildQuery query, TrustPolicy policy, long started, CancellationToken cancellation)
    {
        var options = new DockerfileOptions(BuilderKind.Classic, query.BuildArgs, new Dictionary<string, string>());
        var watch = new DockerfileWatch(query.Dockerfile);
        var bases = new BaseTriggers(exchange, engine, query.Platform);
        var pinned = new PinnedDockerfile(
            options, watch.Shown, (reference, token) => DecideAsync(reference, policy, token), bases.OfAsync);
        var remembers = policy.LocalBuilds == PolicyAnswer.Allow && !query.HasCacheFrom;
        var head = exchange.Head with
        {
            // A cached layer may be of an image that somebody loaded under the name of a step.
            Target = remembers ? BuildTarget.WithoutCache(exchange.Head.Target) : exchange.Head.Target,
        };
        await using var context = await OpenAsync(exchange.Body, watch, pinned, cancellation).ConfigureAwait(false);
        context.BeforeEnd = () => Record(BuildDecisions.Trusted(pinned.Bases), exchange, policy, started);
        try
        {
            await exchange.ForwardAsync(
                head,
                context,
                inspected: true,
                remembers ? (answer, body) => (answer, Watch(answer, body, pinned, exchange, policy)) : null,
                cancellation).ConfigureAwait(false);
        }
        catch (IOException) when (context.Failure is { } failure)
        {
            // The engine answered before the context was whole, and lost its connection over it.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
    }

    private static async Task<BuildContextStream> OpenAsync(
        Stream body, DockerfileWatch watch, PinnedDockerfile pinned, CancellationToken cancellation)
    {
        var start = new byte[Compression.PeekLength];
        var read = await body.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        var plain = Compression.Undo(start.AsSpan(0, read), new PrefixedStream(start.AsMemory(0, read), body));
        return new BuildContextStream(plain, watch, DockerfileReader.MaxLength, pinned.PinAsync);
    }

    private WatchedAnswer Watch(ResponseHead answer, Stream body, PinnedDockerfile pinned, GateExchange exchange, TrustPolicy policy)
    {
        var output = new BuildOutput();
        return new WatchedAnswer(body, output, async token =>
        {
            if (answer.IsSuccess && output.ImageId is { } id)
            {
                await builds.RememberAsync(id, pinned.Bases, exchange.Caller, policy, token).ConfigureAwait(false);
            }
        });
    }

    private async Task<Decision> DecideAsync(string reference, TrustPolicy policy, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(decisionTimeout, time);
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timer.Token);
        try
        {
            var decision = await images.DecideAsync(reference, policy, budget.Token).ConfigureAwait(false);

            // As for every request: a tag may have been signed just now.
            return decision is { FromCache: true, Stale: false, Reason: ReasonCode.NotSigned or ReasonCode.DigestMismatch }
                ? await images.DecideAsync(reference, policy with { Freshness = TimeSpan.Zero }, budget.Token).ConfigureAwait(false)
                : decision;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return BuildDecisions.TimedOut(UntrustedText.Escape(reference), decisionTimeout);
        }
    }

    /// <exception cref="BuildRefusedException">The record could not be written, and so nothing is allowed.</exception>
    private void Record(Decision decision, GateExchange exchange, TrustPolicy policy, long started)
    {
        var answer = builds.Record(decision, exchange.Head.Target, exchange.Caller, policy, started);
        if (!answer.Allow)
        {
            throw new BuildRefusedException(BuildDecisions.Unrecorded(answer.Message));
        }
    }

    private async Task RefuseAsync(Decision decision, GateExchange exchange, TrustPolicy policy, long started, CancellationToken cancellation)
    {
        _ = builds.Record(decision, exchange.Head.Target, exchange.Caller, policy, started);
        if (exchange.IsAnswered)
        {
            throw new IOException("a build was refused after the engine had answered: " + decision.Message);
        }

        await exchange.RefuseAsync(decision.Message, cancellation).ConfigureAwait(false);
    }
}
