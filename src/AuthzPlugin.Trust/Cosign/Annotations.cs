using AuthzPlugin.Trust.Json;

namespace AuthzPlugin.Trust.Cosign;

/// <summary>What a signature says beside the digest: names and texts.</summary>
internal static class Annotations
{
    /// <summary>The members that are texts; other tools put numbers beside them.</summary>
    internal static Dictionary<string, string> Read(JsonValue? node)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        if (node is not { } present)
        {
            return result;
        }

        foreach (var (name, value) in present.Members())
        {
            if (value.Kind == JsonKind.String)
            {
                result[name.GetString()] = value.GetString();
            }
        }

        return result;
    }

    internal static CosignFinding? FindFault(Dictionary<string, string> present, IReadOnlyDictionary<string, string> demanded)
    {
        foreach (var (name, value) in demanded)
        {
            if (!present.TryGetValue(name, out var found) || found != value)
            {
                return CosignFinding.Invalid(
                    CosignFault.WrongAnnotation, found is null ? $"has no annotation {name}" : $"has the annotation {name}={found} instead of {value}");
            }
        }

        return null;
    }
}
