using System.Text;
using System.Text.Json;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Gate.Proxy;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Gate.ClassicBuilds;

/// <summary>
/// Shows what a signed base wants executed in every build from it. An image that the engine has not got yet is pulled first, by its
/// digest, as the caller and with the caller's logins: the build would do the same a moment later.
/// </summary>
internal sealed class BaseTriggers(GateExchange exchange, EngineClient engine, string platform)
{
    private const string AuthConfigs = "X-Registry-Config";
    private const int MaxAnswerLine = 64 * 1024;

    /// <summary>A <see cref="TriggerSource"/>.</summary>
    public async Task<IReadOnlyList<string>> OfAsync(string reference, CancellationToken cancellation)
    {
        try
        {
            if (await engine.FindTriggersAsync(reference, cancellation).ConfigureAwait(false) is { } known)
            {
                return known;
            }

            await PullAsync(reference, cancellation).ConfigureAwait(false);
            return await engine.FindTriggersAsync(reference, cancellation).ConfigureAwait(false)
                ?? throw Failed(reference, "the engine has no such image after pulling it");
        }
        catch (EngineException e)
        {
            throw Failed(reference, e.Message);
        }
    }

    private async Task PullAsync(string reference, CancellationToken cancellation)
    {
        var at = reference.IndexOf('@', StringComparison.Ordinal);
        var target = $"{exchange.Route!.Version}/images/create?fromImage={Uri.EscapeDataString(reference[..at])}&tag={Uri.EscapeDataString(reference[(at + 1)..])}"
            + (platform.Length == 0 ? "" : $"&platform={Uri.EscapeDataString(platform)}");
        var headers = new HeaderFields([new HeaderField("Host", exchange.Head.Headers["Host"] ?? ""), new HeaderField("User-Agent", exchange.Head.Headers["User-Agent"] ?? "")]);
        if (AuthFor(reference) is { } auth)
        {
            headers = headers.With("X-Registry-Auth", auth);
        }

        await using var reply = await exchange
            .SendAsync(new RequestHead("POST", target, headers), null, inspected: false, cancellation).ConfigureAwait(false);
        var last = await LastLineAsync(reply.Body, cancellation).ConfigureAwait(false);
        if (ErrorIn(last) is { } error)
        {
            throw Failed(reference, error);
        }
    }

    /// <summary>The caller's login for the registry, in the form that a pull takes it; null when there is none.</summary>
    private string? AuthFor(string reference)
    {
        if (exchange.Head.Headers[AuthConfigs] is not { } encoded || !ImageReferenceParser.TryParseNamed(reference, out var image, out _))
        {
            return null;
        }

        var host = image.Repository.Domain == "docker.io" ? "https://index.docker.io/v1/" : image.Repository.Domain;
        try
        {
            using var configs = JsonDocument.Parse(Convert.FromBase64String(encoded.Replace('-', '+').Replace('_', '/')));
            return configs.RootElement.TryGetProperty(host, out var config)
                ? Convert.ToBase64String(Encoding.UTF8.GetBytes(config.GetRawText())).Replace('+', '-').Replace('/', '_')
                : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            // The engine takes such a header for none as well.
            return null;
        }
    }

    /// <summary>Reads the progress to its end, which is the pull's; an error is the last that it says.</summary>
    private static async Task<string> LastLineAsync(Stream body, CancellationToken cancellation)
    {
        var buffer = new byte[WireLimits.ReadBytes];
        var last = "";
        int read;
        while ((read = await body.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            last += Encoding.UTF8.GetString(buffer, 0, read);
            var end = last.AsSpan().TrimEnd("\r\n").LastIndexOf('\n');
            last = last[(end + 1)..];
            last = last.Length > MaxAnswerLine ? last[^MaxAnswerLine..] : last;
        }

        return last;
    }

    private static string? ErrorIn(string line)
    {
        try
        {
            using var message = JsonDocument.Parse(line);
            var root = message.RootElement;
            return root.TryGetProperty("error", out var error) || root.TryGetProperty("message", out error) ? error.ToString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No message of the engine's: whether it has the image now is asked for anyway.
            return null;
        }
    }

    private static BuildRefusedException Failed(string reference, string problem) => new(BuildDecisions.EngineUnclear(
        $"{reference} could not be had from its registry to look for ONBUILD triggers: {UntrustedText.Escape(problem)}; try docker pull {reference}"));
}
