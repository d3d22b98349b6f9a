using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>
/// <c>POST /images/create</c>: pull with <c>fromImage</c>, import with <c>fromSrc</c> (engine-authz.md section 3, rows 1 and 2).
/// </summary>
internal static class PullOrImport
{
    public static EngineRequest Read(KnownRequest request)
    {
        var image = request.Query["fromImage"];
        return (image != "", request.Query["fromSrc"] != "") switch
        {
            (true, false) => Pull(request, image, request.Query["tag"]),
            (false, true) => request.NoImage(),
            (false, false) => request.Refused(
                ReasonCode.BadReference,
                $"request {request.Endpoint.Name} names no image in its query; add fromImage=NAME&tag=TAG, or fromSrc to import"),
            _ => request.Refused(
                ReasonCode.HiddenOrAmbiguous,
                $"{UntrustedText.Escape(image)} would be pulled and a file system imported in one request; "
                    + "send only fromImage or only fromSrc"),
        };
    }

    private static EngineRequest Pull(KnownRequest request, string image, string tag)
    {
        // The engine trims one colon: "docker pull -a" of old clients.
        var name = image.EndsWith(':') ? image[..^1] : image;
        if (!ImageReferenceParser.TryParseNamed(name, out var reference, out var problem)
            || !TryApply(tag, ref reference, out problem))
        {
            var shown = tag == "" ? image : $"{image} with tag {tag}";
            return request.Refused(ReasonCode.BadReference, $"{UntrustedText.Escape(shown)} {problem}; correct the image name");
        }

        return reference is { Tag: null, Digest: null }
            ? request.Refused(
                ReasonCode.AllTags,
                $"{UntrustedText.Escape(image)} names every tag of {reference.Repository}; name a tag, such as {reference.Repository}:latest")
            : new PullRequest(request.Endpoint.Name, reference);
    }

    // The tag parameter may be a digest, which replaces tag and digest of the name.
    // A tag replaces the tag and leaves the digest, which decides.
    private static bool TryApply(string tag, ref NamedReference reference, out string? problem)
    {
        problem = null;
        if (tag == "")
        {
            return true;
        }

        if (Digest.TryParse(tag, out var digest))
        {
            reference = reference.WithDigest(digest);
            return true;
        }

        if (!ImageReferenceParser.IsTag(tag))
        {
            problem = "has a tag that is neither a tag nor a sha256 digest";
            return false;
        }

        var tagged = $"{reference.Repository}:{tag}" + (reference.Digest is null ? "" : $"@{reference.Digest}");
        if (!ImageReferenceParser.TryParseNamed(tagged, out var result, out problem))
        {
            return false;
        }

        reference = result;
        return true;
    }
}
