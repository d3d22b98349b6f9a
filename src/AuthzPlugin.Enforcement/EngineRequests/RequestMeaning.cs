using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>What a visible request asks for, by the effect of its row (engine-authz.md section 3).</summary>
internal static class RequestMeaning
{
    public static EngineRequest Of(KnownRequest request) => request.Endpoint.Effect switch
    {
        Effect.Reads => new ReadRequest(request.Endpoint.Name),
        Effect.NoImage or Effect.MovesImages => request.NoImage(),
        Effect.PullsOrImports => PullOrImport.Read(request),
        Effect.CreatesContainer => ContainerCreate.Read(request),
        Effect.StartsContainer => Start(request),
        Effect.RestartsContainer => new StartRequest(request.Endpoint.Name, StartKind.Restart, request.Name),
        Effect.UnpausesContainer => new StartRequest(request.Endpoint.Name, StartKind.Unpause, request.Name),
        Effect.UpdatesContainer => ContainerUpdate.Read(request),
        Effect.RenamesContainer => Rename(request),
        Effect.RemovesContainer => new NameChangeRequest(request.Endpoint.Name, NameChange.Remove, request.Name, null),
        Effect.PrunesContainers => new NameChangeRequest(request.Endpoint.Name, NameChange.Prune, null, null),
        Effect.WritesCheckpoint => Checkpoints.Create(request),
        Effect.RemovesCheckpoint => Checkpoints.Remove(request),
        _ => Gates.Of(request),
    };

    private static EngineRequest Start(KnownRequest request)
    {
        // A checkpoint holds a process, not the image's content; the directory is the caller's choice.
        if (request.Query["checkpoint"] != "" || request.Query["checkpoint-dir"] != "")
        {
            return request.Refused(
                ReasonCode.RefusedByPolicy,
                $"container {UntrustedText.Escape(request.Name)} would be restored from a checkpoint, whose content nobody signed; "
                    + "start it without --checkpoint");
        }

        // Engines up to 24 take a HostConfig here from API versions before 1.24; no engine reads a body of up to 7 bytes ("{}", "null").
        return request.Body.Length > 7
            ? request.Refused(
                ReasonCode.HiddenOrAmbiguous,
                $"container {UntrustedText.Escape(request.Name)} would be started with a body, which old engines take for its configuration; "
                    + "start it without a body")
            : new StartRequest(request.Endpoint.Name, StartKind.Start, request.Name);
    }

    private static EngineRequest Rename(KnownRequest request) => request.Query["name"] == ""
        ? request.Refused(
            ReasonCode.HiddenOrAmbiguous,
            $"container {UntrustedText.Escape(request.Name)} would be renamed without a new name; put name=NEW into the query")
        : new NameChangeRequest(request.Endpoint.Name, NameChange.Rename, request.Name, request.Query["name"]);
}
