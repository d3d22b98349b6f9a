using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using AuthzPlugin.Enforcement.Decisions;
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

        return TryReferences(sources, out var mounts, out problem)
            ? new CreateRequest(request.Endpoint.Name, text, image, mounts)
            : request.Refused(ReasonCode.BadReference, $"image mount {problem}; name the image by its id or by NAME@sha256:DIGEST");
    }

    // HostConfig.Mounts, and Mounts at the top: engines up to 24 read a HostConfig there when the proper one is missing.
    private static bool TryMounts(JsonElement body, out List<string> sources)
    {
        sources = [];
        return body.TryMember("HostConfig", JsonValueKind.Object, out var hostConfig)
            && AddImageMounts(body, sources)
            && (hostConfig is not { } present || AddImageMounts(present, sources));
    }

    private static bool AddImageMounts(JsonElement holder, List<string> sources)
    {
        if (!holder.TryMember("Mounts", JsonValueKind.Array, out var mounts))
        {
            return false;
        }

        foreach (var mount in mounts?.EnumerateArray().Where(m => m.ValueKind != JsonValueKind.Null) ?? [])
        {
            if (mount.ValueKind != JsonValueKind.Object || !mount.TryText("Type", out var type) || !mount.TryText("Source", out var source))
            {
                return false;
            }

            // The engine compares exactly and refuses other spellings; they are decided like images all the same.
            if (type.Equals("image", StringComparison.OrdinalIgnoreCase))
            {
                sources.Add(source);
            }
        }

        return true;
    }

    private static bool TryReferences(List<string> sources, out List<ImageReference> mounts, [NotNullWhen(false)] out string? problem)
    {
        mounts = [];
        foreach (var source in sources)
        {
            if (!ImageReference.TryParse(source, out var reference, out var reason))
            {
                problem = source == "" ? "source is empty" : $"{UntrustedText.Escape(source)} {reason}";
                return false;
            }

            mounts.Add(reference);
        }

        problem = null;
        return true;
    }
}
