using System.Globalization;

namespace AuthzPlugin.Protocol;

/// <summary>
/// The admin socket (0600, root): what <c>status</c> and the root-only commands talk to. Whoever can open it is root,
/// so there is no further identity.
/// </summary>
/// <param name="status">Given the days within which expiry is soon.</param>
internal sealed class AdminEndpoint(
    Func<int, CancellationToken, Task<ServiceStatus>> status, InquiryEndpoint inquiries, BreakGlassEndpoint breakGlass, CacheEndpoint cache, PinningEndpoint pinning)
{
    /// <summary>A hundred years.</summary>
    private const int MostDays = 36_500;

    public Task HandleAsync(HttpContext context) => (context.Request.Method, context.Request.Path.Value) switch
    {
        ("GET", "/status") => StatusAsync(context),
        ("GET", "/cache") => cache.ListAsync(context),
        ("POST", "/cache/purge") => cache.PurgeAsync(context),
        ("POST", "/cache/forget") => cache.ForgetAsync(context),
        ("GET", "/repositories") => pinning.RepositoriesAsync(context),
        ("POST", "/admissions") => pinning.AdmissionsAsync(context),
        ("POST", "/break-glass") => breakGlass.OpenAsync(context),
        ("POST", "/break-glass/end") => breakGlass.CloseAsync(context),
        _ => inquiries.HandleAsync(context),
    };

    private async Task StatusAsync(HttpContext context)
    {
        var days = int.TryParse(context.Request.Query["expiring-within"], NumberStyles.None, CultureInfo.InvariantCulture, out var n)
            ? Math.Min(n, MostDays)
            : ServiceStatus.DefaultDays;
        var found = await status(days, context.RequestAborted).ConfigureAwait(false);
        await AdminReply.WriteAsync(context, StatusCodes.Status200OK, found, AdminJson.Default.ServiceStatus).ConfigureAwait(false);
    }
}
