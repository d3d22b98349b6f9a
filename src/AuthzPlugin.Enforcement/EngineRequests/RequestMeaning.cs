using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>What a visible request asks for, by the effect of its row (engine-authz.md section 3).</summary>
internal static class RequestMeaning
{
    public static EngineRequest Of(KnownRequest request) => request.Endpoint.Effect switch
    {
        Effect.Reads => new ReadRequest(request.Endpoint.Name),
        Effect.NoImage => request.NoImage(),
        Effect.MovesImages => new ContentRequest(request.Endpoint.Name, ContentChange.Names, null),
        Effect.Imports => new ContentRequest(request.Endpoint.Name, ContentChange.Imports, null),
        Effect.ChangesFiles => new ContentRequest(request.Endpoint.Name, ContentChange.ContainerFiles, request.Name),
        Effect.PullsOrImports => PullOrImport.Read(request),
        Effect.CreatesContainer => ContainerCreate.Read(request),
        Effect.StartsContainer => Start(request),
        Effect.RestartsContainer => new StartRequest(request.Endpoint.Name, StartKind.Restart, request.Name),
        Effect.UnpausesContainer => new StartRequest(request.Endpoint.Name, StartKind.Unpause, request.Name),
        Effect.UpdatesContainer => ContainerUpdate.Read(request),
        Effect.RunsInContainer => HostAccessBodies.Exec(request),
        Effect.CreatesVolume => HostAccessBodies.Volume(request),
        Effect.RenamesContainer => Rename(request),
        Effect.RemovesContainer => new NameChangeRequest(request.Endpoint.Name, NameChange.Remove, request.Name, null),
        Effect.PrunesContainers => new NameChangeRequest(request.Endpoint.Name, NameChange.Prune, null, null),
        Effect.WritesCheckpoint => Checkpoints.Create(request),
        Effect.RemovesCheckpoint => Checkpoints.Remove(request),
        Effect.PullsPlugin => Plugins.Pull(request),
        Effect.UpgradesPlugin => Plugins.Upgrade(request),
        Effect.CreatesPlugin => Plugins.Create(request),
        Effect.EnablesPlugin => new PluginChangeRequest(request.Endpoint.Name, PluginChange.Enable, request.Name),
        Effect.DisablesPlugin => new PluginChangeRequest(request.Endpoint.Name, PluginChange.Disable, request.Name),
        Effect.RemovesPlugin => new PluginChangeRequest(request.Endpoint.Name, PluginChange.Remove, request.Name),
        Effect.CreatesService => Services.Create(request),
        Effect.UpdatesService => Services.Update(request),
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

    private static EngineRequest Rename(KnownRequest request)
    {
        var name = request.Query["name"];
        if (name == "")
        {
            return request.Refused(
                ReasonCode.HiddenOrAmbiguous,
                $"container {UntrustedText.Escape(request.Name)} would be renamed without a new name; put name=NEW into the query");
        }

        return IsLikeAnId(name)
            ? NamedLikeAnId(request)
            : new NameChangeRequest(request.Endpoint.Name, NameChange.Rename, request.Name, name);
    }

    /// <summary>A container with the name of another one's id would be started in its place once that one is removed.</summary>
    public static bool IsLikeAnId(string name) => Digest.IsLowerHex(name.TrimStart('/'), Digest.HexLength);

    public static RefusedRequest NamedLikeAnId(KnownRequest request) => request.Refused(
        ReasonCode.HiddenOrAmbiguous, "a container would be named like a container id, which starts by id could mistake; choose another name");
}
