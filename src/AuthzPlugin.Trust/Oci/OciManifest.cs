using AuthzPlugin.Trust.Json;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Trust.Oci;

/// <summary>A blob or manifest that a manifest names.</summary>
/// <param name="Size">In bytes; not verified by anything.</param>
public sealed record OciDescriptor(
    string MediaType, Digest Digest, long Size, string? ArtifactType, IReadOnlyDictionary<string, string> Annotations);

/// <summary>
/// A manifest or index of a registry, as far as signatures need it (OCI image specification 1.1; Docker's schema 2 has the same
/// members). It says nothing that is trusted: who signed what is in the blobs.
/// </summary>
/// <param name="ArtifactType">The manifest's own, or else the media type of its configuration (image specification, "artifactType").</param>
/// <param name="Config">Digest of the configuration of a container image; null of an index and of anything else.</param>
/// <param name="Subject">What the manifest is about; null when it names nothing, or something without a sha256 digest.</param>
/// <param name="Layers">Those with a sha256 digest; of an index none.</param>
/// <param name="Manifests">Those with a sha256 digest; of a manifest none.</param>
public sealed record OciManifest(
    string? ArtifactType, Digest? Config, Digest? Subject, IReadOnlyList<OciDescriptor> Layers, IReadOnlyList<OciDescriptor> Manifests)
{
    /// <summary>Its own, or else the OCI one of what it is: a manifest, or an index when it lists manifests.</summary>
    public string MediaType { get; private init; } = "";

    private static readonly string[] ImageConfigs =
        ["application/vnd.docker.container.image.v1+json", "application/vnd.oci.image.config.v1+json"];

    private const int MaxDepth = 16;
    private const int MaxTokens = 256 * 1024;

    /// <exception cref="FormatException">It is no manifest.</exception>
    public static OciManifest Read(ReadOnlyMemory<byte> bytes)
    {
        var root = StrictJson.Parse(bytes, MaxDepth, MaxTokens).Root;
        if (root.Get("schemaVersion").GetInt64() != 2)
        {
            throw new FormatException("its schema version is not 2");
        }

        var config = root.FindNotNull("config");
        var configType = config is { } present ? Text(present, "mediaType") : null;
        return new OciManifest(
            Text(root, "artifactType") ?? configType,
            ImageConfigs.Contains(configType) && Digest.TryParse(Text(config!.Value, "digest"), out var image) ? image : null,
            root.FindNotNull("subject") is { } subject && Digest.TryParse(Text(subject, "digest"), out var digest) ? digest : null,
            Descriptors(root, "layers"),
            Descriptors(root, "manifests"))
        {
            MediaType = Text(root, "mediaType")
                ?? $"application/vnd.oci.image.{(root.FindNotNull("manifests") is null ? "manifest" : "index")}.v1+json",
        };
    }

    private static List<OciDescriptor> Descriptors(JsonValue root, string name)
    {
        var result = new List<OciDescriptor>();
        if (root.FindNotNull(name) is not { } list)
        {
            return result;
        }

        foreach (var item in list.Items())
        {
            if (Digest.TryParse(item.Get("digest").GetString(), out var digest))
            {
                result.Add(new OciDescriptor(
                    Text(item, "mediaType") ?? "", digest, item.Get("size").GetInt64(), Text(item, "artifactType"), Annotations(item)));
            }
        }

        return result;
    }

    private static Dictionary<string, string> Annotations(JsonValue item)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        if (item.FindNotNull("annotations") is { } annotations)
        {
            foreach (var (name, value) in annotations.Members())
            {
                result[name.GetString()] = value.GetString();
            }
        }

        return result;
    }

    private static string? Text(JsonValue item, string name) => item.FindNotNull(name)?.GetString();
}
