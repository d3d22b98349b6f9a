using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using AuthzPlugin.Enforcement.HostAccess;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>Reads specifications of services: those in requests, and those that the engine shows.</summary>
internal static class ServiceSpecs
{
    /// <summary>The structs whose fields decide; the others are read by nobody here.</summary>
    public static JsonShape Shape { get; } = JsonShape.Struct(
        ("Name", JsonShape.Any),
        ("TaskTemplate", JsonShape.Struct(
            ("PluginSpec", JsonShape.Any),
            ("ContainerSpec", ContainerShapes.ServiceContainer),
            ("NetworkAttachmentSpec", JsonShape.Any),
            ("Runtime", JsonShape.Any))),
        ("UpdateConfig", JsonShape.Struct(("FailureAction", JsonShape.Any))));

    /// <summary>Reads a specification; on failure <paramref name="problem"/> is half a sentence about the service, with the next step.</summary>
    public static bool TryRead(JsonElement body, [NotNullWhen(true)] out ServiceSpec? spec, [NotNullWhen(false)] out string? problem)
    {
        spec = null;
        if (!body.TryMember("TaskTemplate", JsonValueKind.Object, out var template)
            || !body.TryMember("UpdateConfig", JsonValueKind.Object, out var update)
            || template is not { } task)
        {
            problem = "has no TaskTemplate, or fields of a wrong type; correct the body";
            return false;
        }

        var failure = "";
        if (update is { } config && !config.TryText("FailureAction", out failure))
        {
            problem = "has a FailureAction that is not text; correct the body";
            return false;
        }

        // Swarm compares with "rollback"; other texts it refuses.
        return TryTask(task, failure == "rollback", out spec, out problem);
    }

    private static bool TryTask(
        JsonElement task, bool rollsBack, [NotNullWhen(true)] out ServiceSpec? spec, [NotNullWhen(false)] out string? problem)
    {
        spec = null;
        if (!task.TryText("Runtime", out var runtime)
            || runtime is not ("" or "container")
            || !task.TryMember("PluginSpec", JsonValueKind.Null, out _)
            || !task.TryMember("NetworkAttachmentSpec", JsonValueKind.Null, out _)
            || !task.TryMember("ContainerSpec", JsonValueKind.Object, out var member)
            || member is not { } container)
        {
            problem = "runs something else than containers (PluginSpec, Runtime), which is refused; give it a ContainerSpec";
            return false;
        }

        var demands = new List<HostDemand>();
        if (!container.TryText("Image", out var image)
            || !ImageMounts.TryAdd(container, out var sources)
            || !HostAccessReader.TryRead(container, HostBodies.Service, "ContainerSpec.", demands))
        {
            problem = "has an Image, Mounts or Privileges of a wrong type; correct the body";
            return false;
        }

        if (!ImageMounts.TryReferences(sources, out var mounts, out var reason))
        {
            problem = $"has an image mount whose {reason}; name the image by its id or by NAME@sha256:DIGEST";
            return false;
        }

        problem = null;
        spec = new ServiceSpec(image, mounts, demands, rollsBack);
        return true;
    }
}
