using AuthzPlugin.Enforcement.HostAccess;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>Requests whose only question is the host: an exec that may be privileged, a volume that may be a bind mount.</summary>
internal static class HostAccessBodies
{
    private static readonly JsonShape ExecBody = JsonShape.Struct(new[]
    {
        "User", "Privileged", "Tty", "ConsoleSize", "Container", "AttachStdin", "AttachStderr", "AttachStdout", "Detach", "DetachKeys", "Env",
        "WorkingDir", "Cmd",
    }.Select(name => (name, JsonShape.Any)));

    private static readonly JsonShape VolumeBody = JsonShape.Struct(new[]
    {
        "Name", "Driver", "DriverOpts", "Labels", "ClusterVolumeSpec",
    }.Select(name => (name, JsonShape.Any)));

    /// <summary><c>POST /containers/{name}/exec</c> (row 18).</summary>
    public static EngineRequest Exec(KnownRequest request) => Read(request, ExecBody, HostBodies.Exec, request.Name);

    /// <summary><c>POST /volumes/create</c> (row 32).</summary>
    public static EngineRequest Volume(KnownRequest request) => Read(request, VolumeBody, HostBodies.Volume, null);

    private static EngineRequest Read(KnownRequest request, JsonShape shape, HostBodies kind, string? container)
    {
        if (!JsonBody.TryRead(request.Body, shape, out var body, out var problem))
        {
            return request.Ambiguous(problem);
        }

        using (body)
        {
            var demands = new List<HostDemand>();
            return !HostAccessReader.TryRead(body.RootElement, kind, "", demands) ? request.Ambiguous(HostAccessReader.WrongType)
                : demands.Count > 0 ? new HostAccessRequest(request.Endpoint.Name, container, demands)
                : request.NoImage();
        }
    }
}
