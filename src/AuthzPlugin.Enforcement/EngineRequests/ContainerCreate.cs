using System.Text.Json;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.HostAccess;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary><c>POST /containers/create</c>: the image, and the images that are mounted (row 14).</summary>
internal static class ContainerCreate
{
    public static EngineRequest Read(KnownRequest request)
    {
        if (!JsonBody.TryRead(request.Body, ContainerShapes.Create, out var body, out var problem))
        {
            return request.Ambiguous(problem);
        }

        using (body)
        {
            return Read(request, body.RootElement);
        }
    }

    private static EngineRequest Read(KnownRequest request, JsonElement body)
    {
        if (!body.TryText("Image", out var text) || !TryMounts(body, out var sources))
        {
            return request.Ambiguous("has an Image, HostConfig or Mounts of a wrong type; correct the body");
        }

        if (!TryHostAccess(body, out var hostAccess))
        {
            return request.Ambiguous(HostAccessReader.WrongType);
        }

        if (RequestMeaning.IsLikeAnId(request.Query["name"]))
        {
            return RequestMeaning.NamedLikeAnId(request);
        }

        // The engine makes a container without an image: an empty file system, to be filled by anybody.
        if (text == "")
        {
            return request.Refused(
                ReasonCode.BadReference, "the container names no image, so nothing in it is signed; name a signed image");
        }

        if (!ImageReference.TryParse(text, out var image, out var problem))
        {
            return request.Refused(ReasonCode.BadReference, $"{UntrustedText.Escape(text)} {problem}; correct the image name");
        }

        return ImageMounts.TryReferences(sources, out var mounts, out problem)
            ? new CreateRequest(request.Endpoint.Name, text, image, mounts) { HostAccess = hostAccess }
            : request.Refused(ReasonCode.BadReference, $"image mount {problem}; name the image by its id or by NAME@sha256:DIGEST");
    }

    // As with mounts, at both places.
    private static bool TryHostAccess(JsonElement body, out List<HostDemand> demands)
    {
        demands = [];
        return body.TryMember("HostConfig", JsonValueKind.Object, out var hostConfig)
            && (hostConfig is not { } present || HostAccessReader.TryRead(present, HostBodies.Container, "HostConfig.", demands))
            && HostAccessReader.TryRead(body, HostBodies.Container, "", demands);
    }

    // HostConfig.Mounts, and Mounts at the top: engines up to 24 read a HostConfig there when the proper one is missing.
    private static bool TryMounts(JsonElement body, out List<string> sources)
    {
        sources = [];
        return body.TryMember("HostConfig", JsonValueKind.Object, out var hostConfig)
            && ImageMounts.TryAdd(body, sources)
            && (hostConfig is not { } present || ImageMounts.TryAdd(present, sources));
    }
}
