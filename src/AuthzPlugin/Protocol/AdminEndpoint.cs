using AuthzPlugin.Enforcement.Audit;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Protocol;

/// <summary>
/// The admin socket (0600, root): what <c>status</c> and the root-only commands talk to. Whoever can open it is root,
/// so there is no further identity.
/// </summary>
internal sealed class AdminEndpoint(
    Func<ServiceStatus> status, InquiryEndpoint inquiries, BreakGlassEndpoint breakGlass, TrustDataService trust, AuditLog audit, TimeProvider time)
{
    public Task HandleAsync(HttpContext context) => (context.Request.Method, context.Request.Path.Value) switch
    {
        ("GET", "/status") => AdminReply.WriteAsync(context, StatusCodes.Status200OK, status(), AdminJson.Default.ServiceStatus),
        ("POST", "/cache/forget") => ForgetAsync(context),
        ("POST", "/break-glass") => breakGlass.OpenAsync(context),
        ("POST", "/break-glass/end") => breakGlass.CloseAsync(context),
        _ => inquiries.HandleAsync(context),
    };

    /// <summary>The explicit reset of a repository's memory; on record before it happens.</summary>
    private async Task ForgetAsync(HttpContext context)
    {
        var text = context.Request.Query["repository"].ToString();
        if (!ImageReferenceParser.TryParseNamed(text, out var image, out var problem) || image.Tag is not null || image.Digest is not null)
        {
            await AdminReply.SayAsync(
                context,
                StatusCodes.Status400BadRequest,
                $"{UntrustedText.Escape(text)} {problem ?? "has a tag or digest"}; name a repository, such as registry.example.com/team/app").ConfigureAwait(false);
            return;
        }

        try
        {
            var known = await ForgetAsync(image.Repository, context.RequestAborted).ConfigureAwait(false);
            await AdminReply.SayAsync(context, StatusCodes.Status200OK, known
                ? $"forgot the trust data and the versions of {image.Repository}; the next decision starts anew from the pins"
                : $"nothing was known of {image.Repository}").ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await AdminReply.SayAsync(context, StatusCodes.Status500InternalServerError, $"{image.Repository} was not forgotten: {e.Message}; see the disk").ConfigureAwait(false);
        }
    }

    private Task<bool> ForgetAsync(RepositoryName repository, CancellationToken cancellation)
    {
        audit.Write(AuditEvent.Now(time, "cache-forgotten", $"an administrator reset the trust data and version memory of {repository}")
            with
        { Repository = repository.Name });
        return trust.ForgetAsync(repository, cancellation);
    }
}
