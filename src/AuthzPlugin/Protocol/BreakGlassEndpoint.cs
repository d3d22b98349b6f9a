using AuthzPlugin.Enforcement.Policy;

namespace AuthzPlugin.Protocol;

/// <summary>Opens and closes break-glass for whoever can open the admin socket, which is root.</summary>
/// <param name="changed">Writes the record, and looks again at what runs.</param>
internal sealed class BreakGlassEndpoint(BreakGlass glass, Func<EnforcementMode?> mode, Action<string, string> changed)
{
    private const int LongestReason = 400;

    public async Task OpenAsync(HttpContext context)
    {
        if (await AdminReply.ReadAsync(context, AdminJson.Default.BreakGlassQuestion).ConfigureAwait(false) is not { } question)
        {
            return;
        }

        var duration = TimeSpan.FromSeconds(question.Seconds);
        var problem = mode() != EnforcementMode.Enforced && glass.Current is null ? "the mode is not enforced, so there is nothing to open; see content-trust status"
            : duration <= TimeSpan.Zero || duration > BreakGlass.Longest ? $"the time must be above zero and at most {BreakGlass.Longest.TotalHours:0} h; give --for"
            : string.IsNullOrWhiteSpace(question.Reason) || question.Reason.Length > LongestReason ? $"a reason of 1 to {LongestReason} characters is needed; give --reason"
            : null;
        if (problem is not null)
        {
            await AdminReply.SayAsync(context, StatusCodes.Status400BadRequest, problem).ConfigureAwait(false);
            return;
        }

        try
        {
            var state = glass.Open(duration, question.Reason);
            changed("break-glass-opened", $"an administrator opened permissive mode until {state.Until:u}: {state.Reason}");
            await AdminReply.SayAsync(
                context, StatusCodes.Status200OK,
                $"permissive until {state.Until:u}: everything runs, and what would be refused is recorded; close it early with content-trust break-glass --end").ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await AdminReply.SayAsync(context, StatusCodes.Status500InternalServerError, $"it was not opened: {e.Message}; see the disk").ConfigureAwait(false);
        }
    }

    public async Task CloseAsync(HttpContext context)
    {
        try
        {
            var state = glass.Close();
            if (state is not null)
            {
                changed("break-glass-closed", $"an administrator closed what had been opened until {state.Until:u}: {state.Reason}");
            }

            await AdminReply.SayAsync(context, StatusCodes.Status200OK, state is null ? "it was not open" : "the policy's own mode is in force again").ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await AdminReply.SayAsync(
                context, StatusCodes.Status500InternalServerError, $"it is closed, but not for the next start: {e.Message}; see the disk").ConfigureAwait(false);
        }
    }
}
