using AuthzPlugin.Trust.Json;

namespace AuthzPlugin.Trust.Notation;

/// <summary>What is signed: the descriptor of an image's manifest or index (signature-specification.md, "Payload").</summary>
internal static class NotationPayload
{
    private const int MaxDepth = 16;
    private const int MaxTokens = 8192;

    /// <summary>Null when the payload is about the image, with these annotations.</summary>
    /// <exception cref="FormatException">It is no such payload.</exception>
    internal static NotationFinding? FindFault(ReadOnlyMemory<byte> payload, NotationTarget target, IReadOnlyDictionary<string, string> annotations)
    {
        var artifact = StrictJson.Parse(payload, MaxDepth, MaxTokens).Root.Get("targetArtifact");
        var (digest, type, size) = (artifact.Get("digest").GetString(), artifact.Get("mediaType").GetString(), artifact.Get("size").GetInt64());
        if (digest != target.Digest.ToString())
        {
            return NotationFinding.Invalid(NotationFault.WrongDigest, $"is over {digest}");
        }

        if (type != target.MediaType || size != target.Size)
        {
            return NotationFinding.Invalid(
                NotationFault.WrongDigest, $"is over {size} bytes of {type}, and the registry has {target.Size} bytes of {target.MediaType}");
        }

        foreach (var (name, value) in annotations)
        {
            if (Find(artifact, name) is var found && found != value)
            {
                return NotationFinding.Invalid(
                    NotationFault.WrongAnnotation, found is null ? $"has no annotation {name}" : $"has the annotation {name}={found} instead of {value}");
            }
        }

        return null;
    }

    private static string? Find(JsonValue artifact, string name)
    {
        if (artifact.FindNotNull("annotations") is { } annotations)
        {
            foreach (var (key, value) in annotations.Members())
            {
                if (key.GetString() == name)
                {
                    return value.GetString();
                }
            }
        }

        return null;
    }
}
