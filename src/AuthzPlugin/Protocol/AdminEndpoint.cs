namespace AuthzPlugin.Protocol;

/// <summary>
/// The admin socket (0600, root): what <c>status</c> and the root-only commands talk to. Whoever can open it is root,
/// so there is no further identity.
/// </summary>
internal sealed class AdminEndpoint(
    Func<ServiceStatus> status, InquiryEndpoint inquiries, BreakGlassEndpoint breakGlass, CacheEndpoint cache)
{
    public Task HandleAsync(HttpContext context) => (context.Request.Method, context.Request.Path.Value) switch
    {
        ("GET", "/status") => AdminReply.WriteAsync(context, StatusCodes.Status200OK, status(), AdminJson.Default.ServiceStatus),
        ("GET", "/cache") => cache.ListAsync(context),
        ("POST", "/cache/purge") => cache.PurgeAsync(context),
        ("POST", "/cache/forget") => cache.ForgetAsync(context),
        ("POST", "/break-glass") => breakGlass.OpenAsync(context),
        ("POST", "/break-glass/end") => breakGlass.CloseAsync(context),
        _ => inquiries.HandleAsync(context),
    };
}
