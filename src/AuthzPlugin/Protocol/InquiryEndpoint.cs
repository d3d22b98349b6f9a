using System.Globalization;
using System.Text;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Enforcement.Inquiries;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Enforcement.TrustData.Transport;
using AuthzPlugin.Hosting;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Inspection;
using AuthzPlugin.Trust.Pinning;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Protocol;

/// <summary>The questions of <c>verify</c>, <c>explain</c>, <c>keys</c> and <c>report --host</c>: answered by the running service, so as it would decide.</summary>
/// <param name="policy">Null while it is invalid.</param>
/// <param name="trustAt">Trust data as of a time.</param>
internal sealed class InquiryEndpoint(
    Inquirer inquirer, Func<TrustPolicy?> policy, ITrustData trust, Func<DateTimeOffset, TrustDataService> trustAt, ShownRootKeys shown)
{
    private const string Invalid = "the content-trust policy is invalid; run content-trust check-config";

    public Task HandleAsync(HttpContext context) => (context.Request.Method, context.Request.Path.Value) switch
    {
        ("POST", "/verify") => VerifyAsync(context),
        ("POST", "/explain") => ExplainAsync(context),
        ("GET", "/keys") => KeysAsync(context),
        ("GET", "/host") => HostAsync(context),
        _ => AdminReply.SayAsync(
            context, StatusCodes.Status404NotFound, "this version of the service does not know that command; restart it after an upgrade"),
    };

    private async Task VerifyAsync(HttpContext context)
    {
        if (await AdminReply.ReadAsync(context, AdminJson.Default.VerifyQuestion).ConfigureAwait(false) is not { } question)
        {
            return;
        }

        if (policy() is not { } present)
        {
            await AdminReply.SayAsync(context, StatusCodes.Status409Conflict, Invalid).ConfigureAwait(false);
            return;
        }

        TimeProvider now = question.At is { } time ? new FixedTime(time) : TimeProvider.System;
        await using var then = question.At is { } at ? trustAt(at) : null;
        ITrustData data = then is null ? trust : then;
        present = question.At is { } moment ? present with { Exceptions = present.Exceptions.AsOf(moment) } : present;
        var answers = new List<DecisionAnswer>();
        foreach (var image in question.Images)
        {
            var decision = await inquirer.VerifyAsync(
                image, present, question.Offline ? new OfflineTrustData(data) : data, now, context.RequestAborted).ConfigureAwait(false);
            answers.Add(DecisionAnswer.From(decision, UntrustedText.Escape(image)));
        }

        await AdminReply.WriteAsync(context, StatusCodes.Status200OK, answers, AdminJson.Default.IReadOnlyListDecisionAnswer).ConfigureAwait(false);
    }

    private async Task ExplainAsync(HttpContext context)
    {
        if (await AdminReply.ReadAsync(context, AdminJson.Default.ExplainQuestion).ConfigureAwait(false) is not { } question)
        {
            return;
        }

        var other = question.Policy is { } file ? PolicyLoader.LoadOne(file) : null;
        if ((other is null ? policy() : other.Policy) is not { } chosen)
        {
            var problem = other is null ? Invalid : $"{question.Policy} is no policy: {other.Problems[0]} (+{other.Problems.Count - 1} more); run content-trust check-config {question.Policy}";
            await AdminReply.SayAsync(context, StatusCodes.Status409Conflict, problem).ConfigureAwait(false);
            return;
        }

        var explanation = await inquirer.ExplainAsync(ToRequest(question), chosen, context.RequestAborted).ConfigureAwait(false);
        var answer = new ExplanationAnswer
        {
            Mode = chosen.Mode.ToString().ToLowerInvariant(),
            Endpoint = explanation.Endpoint,
            WithoutDecision = explanation.WithoutDecision,
            Decision = explanation.Decision is { } decision ? DecisionAnswer.From(decision, decision.Image) : null,
        };
        await AdminReply.WriteAsync(context, StatusCodes.Status200OK, answer, AdminJson.Default.ExplanationAnswer).ConfigureAwait(false);
    }

    /// <summary>As the Docker command line sends it.</summary>
    private static AuthZRequest ToRequest(ExplainQuestion question)
    {
        var body = Encoding.UTF8.GetBytes(question.Body ?? "");
        var headers = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Content-Length"] = body.Length.ToString(CultureInfo.InvariantCulture),
        };
        if (question.Body is not null)
        {
            headers["Content-Type"] = "application/json";
        }

        return new AuthZRequest(question.Method, question.Uri, headers, body, null, null);
    }

    private async Task KeysAsync(HttpContext context)
    {
        var text = context.Request.Query["image"].ToString();
        if (!ImageReferenceParser.TryParseNamed(text, out var image, out var problem))
        {
            await AdminReply.SayAsync(
                context, StatusCodes.Status400BadRequest, $"{UntrustedText.Escape(text)} {problem}; correct the image name").ConfigureAwait(false);
            return;
        }

        try
        {
            var present = policy() ?? TrustPolicy.WithoutStanza;
            var endpoint = new NotaryEndpoint(present.TrustServers.For(image.Repository), image.Repository);
            var keys = await shown.AskAsync(endpoint, context.RequestAborted).ConfigureAwait(false);
            var pin = present.Pins.Match(image.Repository);
            var answer = new KeysAnswer
            {
                Repository = image.Repository.Name,
                Server = endpoint.Base.ToString(),
                Keys = [.. keys.Select(k => ToAnswer(k, pin))],
            };
            await AdminReply.WriteAsync(context, StatusCodes.Status200OK, answer, AdminJson.Default.KeysAnswer).ConfigureAwait(false);
        }
        catch (TrustException e)
        {
            await AdminReply.SayAsync(
                context, StatusCodes.Status502BadGateway, $"{image.Repository}: {UntrustedText.Escape(e.Message)}; see trust-servers in the policy").ConfigureAwait(false);
        }
    }

    private static KeyAnswer ToAnswer(InspectedRootKey key, RootPin? pin) => KeyAnswers.From(key) with
    {
        Pinned = pin is null ? false : pin.Ids.Contains(pin.Kind == PinKind.RootKeys ? key.RootKeyId : key.CertificateId),
    };

    private async Task HostAsync(HttpContext context)
    {
        if (policy() is not { } present)
        {
            await AdminReply.SayAsync(context, StatusCodes.Status409Conflict, Invalid).ConfigureAwait(false);
            return;
        }

        try
        {
            var report = await inquirer.ReportHostAsync(present, context.RequestAborted).ConfigureAwait(false);
            var answer = new HostAnswer
            {
                Images = [.. report.Images.Select(i => DecisionAnswer.From(i, i.Image))],
                Containers = [.. report.Containers.Select(c => new ContainerAnswer
                {
                    Id = c.Id,
                    Name = c.Name,
                    Running = c.Running,
                    Decision = DecisionAnswer.From(c.Decision, c.Decision.Image),
                })],
            };
            await AdminReply.WriteAsync(context, StatusCodes.Status200OK, answer, AdminJson.Default.HostAnswer).ConfigureAwait(false);
        }
        catch (EngineException e)
        {
            await AdminReply.SayAsync(context, StatusCodes.Status502BadGateway, $"{UntrustedText.Escape(e.Message)}; see systemctl status docker").ConfigureAwait(false);
        }
    }
}

/// <summary>Root keys as they are shown.</summary>
internal static class KeyAnswers
{
    public static KeyAnswer From(InspectedRootKey key) => new()
    {
        RootKeyId = key.RootKeyId,
        CertificateId = key.CertificateId,
        CommonName = UntrustedText.Escape(key.CommonName),
        NotAfter = key.NotAfter,
        Algorithm = key.Algorithm,
    };
}
