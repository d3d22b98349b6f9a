using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Enforcement.Policy;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.Authorization;

/// <summary>
/// After a start: what started must be the container that was decided, by its id. If it is not, everything that started since
/// is decided, and what may not run is killed. The name gate makes this the second line of defence.
/// </summary>
internal sealed class StartedContainers(EngineClient engine, StartDecider starts, TimeProvider time, ILogger logger)
{
    /// <summary>How far back a start is looked for whose request this process never saw (it is younger than the request).</summary>
    private static readonly TimeSpan UnseenWindow = TimeSpan.FromMinutes(1);

    public async Task<ResponseFinding> ExamineAsync(
        StartRequest start, PendingRequest? waiting, TrustPolicy policy, CancellationToken cancellation)
    {
        if (start.Kind == StartKind.Unpause && waiting is not null)
        {
            // An unpaused container ran before; its start time says nothing, its id was decided.
            return await UnpausedAsync(start, waiting, policy, cancellation).ConfigureAwait(false);
        }

        var since = waiting?.At ?? time.GetUtcNow() - UnseenWindow;
        if (waiting?.Decision?.ContainerId is { } decided)
        {
            var container = await engine.FindContainerAsync(decided, cancellation).ConfigureAwait(false);
            if (container?.Id == decided && container.StartedAt >= since)
            {
                return new ResponseFinding(null, waiting);
            }
        }

        return await SweepAsync(start, since, waiting, policy, cancellation).ConfigureAwait(false);
    }

    private async Task<ResponseFinding> UnpausedAsync(
        StartRequest start, PendingRequest waiting, TrustPolicy policy, CancellationToken cancellation)
    {
        var now = await engine.FindContainerAsync(start.Container, cancellation).ConfigureAwait(false);
        return now is null || now.Id == waiting.Decision?.ContainerId
            ? new ResponseFinding(null, waiting)
            : new ResponseFinding(await KillIfRefusedAsync(now, start, policy, cancellation).ConfigureAwait(false), waiting);
    }

    private async Task<ResponseFinding> SweepAsync(
        StartRequest start, DateTimeOffset since, PendingRequest? waiting, TrustPolicy policy, CancellationToken cancellation)
    {
        Decision? worst = null;
        foreach (var id in await engine.ListContainersAsync(all: false, cancellation).ConfigureAwait(false))
        {
            var container = await engine.FindContainerAsync(id, cancellation).ConfigureAwait(false);
            if (container is { Running: true } && container.StartedAt >= since)
            {
                worst = await KillIfRefusedAsync(container, start, policy, cancellation).ConfigureAwait(false) ?? worst;
            }
        }

        return new ResponseFinding(worst, waiting);
    }

    private async Task<Decision?> KillIfRefusedAsync(
        EngineContainer container, StartRequest start, TrustPolicy policy, CancellationToken cancellation)
    {
        var decision = await starts.DecideAsync(container, container.Id, policy, cancellation).ConfigureAwait(false);
        if (decision.IsAllowed)
        {
            return null;
        }

        await engine.KillContainerAsync(container.Id, cancellation).ConfigureAwait(false);
        Log.KilledAfterRename(logger, container.Id);
        return decision with { Reason = ReasonCode.RenamedUnderStart, Message = Messages.RenamedUnderStart(start.Container) };
    }
}
