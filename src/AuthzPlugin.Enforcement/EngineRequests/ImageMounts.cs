using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>Mounts of type <c>image</c> among the <c>Mounts</c> of a container or service.</summary>
internal static class ImageMounts
{
    /// <summary>Their sources; false when a field has a type that the engine would not take.</summary>
    public static bool TryAdd(JsonElement holder, out List<string> sources)
    {
        sources = [];
        return TryAdd(holder, sources);
    }

    public static bool TryAdd(JsonElement holder, List<string> sources)
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

    public static bool TryReferences(List<string> sources, out List<ImageReference> mounts, [NotNullWhen(false)] out string? problem)
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
