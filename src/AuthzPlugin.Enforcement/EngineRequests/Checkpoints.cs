using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>
/// Checkpoints in a directory of the caller's choice are refused: creating one makes directories and writes files as root anywhere on the
/// host, and removing one removes any directory (<c>DELETE …/checkpoints/content-trust?dir=/etc</c> is this plugin's configuration).
/// Without a directory they stay below the container's own, and a start from one is refused.
/// </summary>
internal static class Checkpoints
{
    private static readonly JsonShape CreateBody = JsonShape.Struct(
        ("CheckpointID", JsonShape.Any), ("CheckpointDir", JsonShape.Any), ("Exit", JsonShape.Any));

    public static EngineRequest Create(KnownRequest request)
    {
        if (!JsonBody.TryRead(request.Body, CreateBody, out var body, out var problem))
        {
            return request.Ambiguous(problem);
        }

        using (body)
        {
            return body.RootElement.TryText("CheckpointDir", out var directory)
                ? InDirectory(request, directory)
                : request.Ambiguous("has a CheckpointDir that is not text; leave it out");
        }
    }

    public static EngineRequest Remove(KnownRequest request) => InDirectory(request, request.Query["dir"]);

    private static EngineRequest InDirectory(KnownRequest request, string directory) => directory == ""
        ? request.NoImage()
        : request.Refused(
            ReasonCode.RefusedByPolicy,
            $"checkpoint directory {UntrustedText.Escape(directory)} is refused: the engine would write or remove it as root; "
                + "leave --checkpoint-dir out");
}
