using System.Text.Json;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Gate.Proxy;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Gate.Pulls;

/// <summary>
/// Makes a pull of a signed tag a pull of the signed digest and sets the tag afterwards, so that nothing can move between the decision and
/// the pull. What is not signed, or cannot be decided here, goes on as it came: the plugin refuses it with its own sentence and record.
/// </summary>
/// <param name="decisionTimeout">Longest time for the decision.</param>
public sealed class PullsByDigest(BaseImages images, TimeSpan decisionTimeout, TimeProvider time)
{
    /// <summary>Largest answer about an image or a tag that is read, in bytes.</summary>
    private const int MaxAnswerBytes = 4 * 1024 * 1024;

    /// <summary>An <see cref="ExchangeHandler"/>.</summary>
    public async Task HandleAsync(GateExchange exchange, CancellationToken cancellation)
    {
        var plan = exchange.Route is { } route ? PullPlan.Of(exchange.Head, route) : null;
        var signed = plan is null ? null : await DecideAsync(plan, exchange, cancellation).ConfigureAwait(false);
        if (signed is null)
        {
            await exchange.PassAsync(cancellation).ConfigureAwait(false);
            return;
        }

        var before = await FindIdAsync(exchange, plan!, ":" + plan!.Tag, cancellation).ConfigureAwait(false);
        var progress = new PullProgress(plan.Tag, signed, token => SetTagAsync(exchange, plan, signed, before, token));
        await exchange.ForwardAsync(
            plan.ByDigest(signed),
            null,
            inspected: false,
            (head, body) => head.IsSuccess ? (head, new PiecesStream(progress.RewriteAsync(body, cancellation))) : (head, body),
            cancellation).ConfigureAwait(false);
    }

    private async Task<Digest?> DecideAsync(PullPlan plan, GateExchange exchange, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(decisionTimeout, time);
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timer.Token);
        try
        {
            var decision = await images.DecideAsync(plan.Image.ToString(), exchange.Policy!, budget.Token).ConfigureAwait(false);
            return decision.IsTrusted ? decision.SignedDigest : null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The plugin says it, in its own words.
            return null;
        }
    }

    private static async Task<TagResult> SetTagAsync(
        GateExchange exchange, PullPlan plan, Digest signed, string? before, CancellationToken cancellation)
    {
        await using var reply = await exchange.SendAsync(plan.SetTag(signed), null, inspected: false, cancellation).ConfigureAwait(false);
        if (!reply.Head.IsSuccess)
        {
            var body = await ReadAsync(reply, cancellation).ConfigureAwait(false);
            return new TagResult(Parse(body, EngineJson.Default.EngineError)?.Message ?? $"the engine answered {reply.Head.Status} to the tag", false);
        }

        var after = await FindIdAsync(exchange, plan, ":" + plan.Tag, cancellation).ConfigureAwait(false);
        return new TagResult(null, after != before);
    }

    /// <summary>The id of the image that a name means; null when it means none.</summary>
    private static async Task<string?> FindIdAsync(GateExchange exchange, PullPlan plan, string suffix, CancellationToken cancellation)
    {
        await using var reply = await exchange.SendAsync(plan.Inspect(suffix), null, inspected: false, cancellation).ConfigureAwait(false);
        var body = await ReadAsync(reply, cancellation).ConfigureAwait(false);
        return reply.Head.IsSuccess ? Parse(body, ProgressJson.Default.ImageInspect)?.Id : null;
    }

    private static T? Parse<T>(byte[] body, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body, type);
        }
        catch (JsonException)
        {
            // Informational only.
            return null;
        }
    }

    private static async Task<byte[]> ReadAsync(EngineReply reply, CancellationToken cancellation)
    {
        using var content = new MemoryStream();
        var buffer = new byte[WireLimits.ReadBytes];
        int read;
        while ((read = await reply.Body.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0 && content.Length < MaxAnswerBytes)
        {
            content.Write(buffer, 0, read);
        }

        return content.ToArray();
    }
}
