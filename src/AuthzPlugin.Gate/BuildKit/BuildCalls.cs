using AuthzPlugin.Enforcement.Authorization;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Gate.BuildKit.Grpc;
using AuthzPlugin.Gate.BuildKit.Policies;
using AuthzPlugin.Gate.BuildKit.Protocol;
using AuthzPlugin.Gate.ClassicBuilds;
using AuthzPlugin.Gate.Http2;
using AuthzPlugin.Gate.Proxy;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Gate.BuildKit;

/// <summary>The calls of one client's connection to the engine's build services, each by the row that <see cref="BuildKitMethods"/> has for it.</summary>
internal sealed class BuildCalls
{
    private const string BuildIdField = "buildkit-controlapi-buildid";

    private readonly Http2Connection _engine;
    private readonly BuildKitParts _parts;
    private readonly CallerIdentity _caller;
    private readonly string _target;
    private readonly TrustPolicy _policy;
    private readonly BuildDecider _decider;
    private readonly DecidedBuilds _builds;
    private readonly Lazy<Task<string?>> _canary;

    // What one connection's builds may read: a build may go on with the result of another (docker buildx bake).
    private readonly Lock _lock = new();
    private readonly Dictionary<PinnedImage, Decision> _pinned = [];

    public BuildCalls(Http2Connection engine, CallerIdentity caller, string target, TrustPolicy policy, BuildKitParts parts, BuildDecider decider, DecidedBuilds builds)
    {
        _engine = engine;
        _parts = parts;
        _caller = caller;
        _target = target;
        _policy = policy;
        _decider = decider;
        _builds = builds;
        _canary = new(() => SourcePolicyCanary.AskAsync(engine, parts.Time, CancellationToken.None));
    }

    /// <summary>Answers one call.</summary>
    public async Task HandleAsync(Http2Stream call, CancellationToken cancellation)
    {
        var headers = await call.ReadHeadersAsync(cancellation).ConfigureAwait(false);
        var path = headers.FirstOrDefault(f => f.Name == ":path")?.Value ?? "";
        try
        {
            await AnswerAsync(call, path, headers, cancellation).ConfigureAwait(false);
        }
        catch (GrpcException e)
        {
            var shown = UntrustedText.Escape(path);
            Log.Refused(_parts.Logger, shown, _caller.Uid, e.Message);
            await GrpcStatus.EndAsync(call, e.Code, e.Message, cancellation).ConfigureAwait(false);
        }
    }

    private Task AnswerAsync(Http2Stream call, string path, IReadOnlyList<HeaderField> headers, CancellationToken cancellation) =>
        BuildKitMethods.AnswerTo(path) switch
        {
            MethodAnswer.Pass => StreamRelay.PassAsync(call, _engine, cancellation),
            MethodAnswer.Follow => FollowAsync(call, headers, cancellation),
            MethodAnswer.Status => StatusAsync(call, cancellation),
            MethodAnswer.Step => StepAsync(call, headers, cancellation),
            MethodAnswer.Solve => SolveAsync(call, cancellation),
            _ => throw Denied(BuildKitMethods.Refusal(UntrustedText.Escape(path))),
        };

    private async Task FollowAsync(Http2Stream call, IReadOnlyList<HeaderField> headers, CancellationToken cancellation)
    {
        await WaitAsync(headers.FirstOrDefault(f => f.Name == BuildIdField)?.Value, cancellation).ConfigureAwait(false);
        await StreamRelay.PassAsync(call, _engine, cancellation).ConfigureAwait(false);
    }

    private async Task StatusAsync(Http2Stream call, CancellationToken cancellation)
    {
        var request = await GrpcMessages.ReadOnlyAsync(call, StatusRequest.Parser, cancellation).ConfigureAwait(false);
        if (await _builds.WaitAsync(request.Ref, cancellation).ConfigureAwait(false) is not null)
        {
            // There is nothing to follow, and the reason shall come from the call that asked for the build.
            await GrpcStatus.EndAsync(call, GrpcStatusCode.Ok, "", cancellation).ConfigureAwait(false);
            return;
        }

        await StreamRelay.PassAsync(call, _engine, GrpcMessages.Frame(request), cancellation).ConfigureAwait(false);
    }

    private async Task StepAsync(Http2Stream call, IReadOnlyList<HeaderField> headers, CancellationToken cancellation)
    {
        var request = await GrpcMessages.ReadOnlyAsync(call, BridgeSolveRequest.Parser, cancellation).ConfigureAwait(false);
        if (BuildRules.Problem(request, _policy) is { } problem)
        {
            throw Denied(problem);
        }

        await WaitAsync(headers.FirstOrDefault(f => f.Name == BuildIdField)?.Value, cancellation).ConfigureAwait(false);
        await StreamRelay.PassAsync(call, _engine, GrpcMessages.Frame(request), cancellation).ConfigureAwait(false);
    }

    private async Task SolveAsync(Http2Stream call, CancellationToken cancellation)
    {
        var request = await GrpcMessages.ReadOnlyAsync(call, SolveRequest.Parser, cancellation).ConfigureAwait(false);
        _builds.Asked(request.Ref);
        var refusal = "the client gave the build up";
        IReadOnlyCollection<Decision> bases;
        try
        {
            bases = await DecideAsync(request, cancellation).ConfigureAwait(false);
            refusal = null;
        }
        catch (GrpcException e)
        {
            refusal = e.Message;
            throw;
        }
        finally
        {
            _builds.Decided(request.Ref, refusal);
        }

        try
        {
            var result = new SolveResult();
            await StreamRelay.PassAsync(call, _engine, GrpcMessages.Frame(request), result.Feed, () => RememberAsync(result, bases, cancellation), cancellation)
                .ConfigureAwait(false);
        }
        finally
        {
            _builds.Forget(request.Ref);
        }
    }

    /// <summary>Decides a build, records that, and makes the request one that the engine can only answer from what was decided.</summary>
    /// <returns>The images that it may read.</returns>
    /// <exception cref="GrpcException">It is refused.</exception>
    private async Task<IReadOnlyCollection<Decision>> DecideAsync(SolveRequest request, CancellationToken cancellation)
    {
        var started = _parts.Time.GetTimestamp();
        var verdict = await VerdictAsync(request, cancellation).ConfigureAwait(false);
        var answer = _parts.Record(verdict.Build, _target, _caller, _policy, started);
        if (!answer.Allow || !verdict.Build.IsTrusted)
        {
            throw Denied(verdict.Build.IsTrusted ? answer.Message : verdict.Build.Message);
        }

        lock (_lock)
        {
            foreach (var decision in verdict.Images)
            {
                _pinned[PinnedImage.Of(decision)] = decision;
            }

            request.SourcePolicy = SourcePolicies.Compose(request.SourcePolicy, _pinned.Keys, BuildRules.Prefixes(_policy));
            return [.. _pinned.Values];
        }
    }

    private async Task<BuildVerdict> VerdictAsync(SolveRequest request, CancellationToken cancellation)
    {
        if (BuildRules.Problem(request, _policy) is { } problem)
        {
            return BuildVerdict.Refused(BuildDecisions.ByPolicy(problem));
        }

        if (await _canary.Value.WaitAsync(cancellation).ConfigureAwait(false) is { } said)
        {
            return BuildVerdict.Refused(BuildDecisions.EngineUnclear(
                $"this engine's BuildKit does not obey source policies ({UntrustedText.Escape(said)}), so nobody can tell it what a build may "
                + "begin from; use the classic builder: DOCKER_BUILDKIT=0 docker build"));
        }

        return await _decider.DecideAsync(request, _caller, _policy, cancellation).ConfigureAwait(false);
    }

    // Where a build may have bases that nobody decided, none is remembered.
    private Task RememberAsync(SolveResult result, IReadOnlyCollection<Decision> bases, CancellationToken cancellation) =>
        result.ImageId is { } id && _policy is { CacheFrom: false, OciLayouts: false, RemoteContexts: false }
            ? _parts.Remember(id, bases, _caller, _policy, cancellation)
            : Task.CompletedTask;

    private async Task WaitAsync(string? build, CancellationToken cancellation)
    {
        if (build is not null && await _builds.WaitAsync(build, cancellation).ConfigureAwait(false) is { } refusal)
        {
            throw new GrpcException(GrpcStatusCode.PermissionDenied, refusal);
        }
    }

    private static GrpcException Denied(string reason) =>
        new(GrpcStatusCode.PermissionDenied, GateAnswers.Denied + reason);
}
