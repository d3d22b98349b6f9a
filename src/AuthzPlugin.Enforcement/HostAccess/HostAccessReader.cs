using System.Text.Json;
using AuthzPlugin.Enforcement.EngineRequests;

namespace AuthzPlugin.Enforcement.HostAccess;

/// <summary>Applies <see cref="HostAccessFields"/> to an object of the engine's API. Pure; JSON as Go reads it was checked before.</summary>
internal static class HostAccessReader
{
    /// <summary>Half a sentence about a body that the engine would refuse as well.</summary>
    public const string WrongType = "has a field of a wrong type among those that give access to the host; correct the body";

    /// <summary>Adds what the object asks of the host; false when a field has a type that the engine would not take.</summary>
    /// <param name="prefix">What stands before the field's name in messages, such as <c>HostConfig.</c>.</param>
    public static bool TryRead(JsonElement body, HostBodies kind, string prefix, List<HostDemand> found) =>
        HostAccessFields.All.Where(f => f.In.HasFlag(kind)).All(field => TryRead(body, field, prefix, found));

    private static bool TryRead(JsonElement body, HostField field, string prefix, List<HostDemand> found)
    {
        var holder = body;
        var names = field.Path.Split('.');
        foreach (var name in names[..^1])
        {
            if (!holder.TryMember(name, JsonValueKind.Object, out var inner))
            {
                return false;
            }

            if (inner is not { } next)
            {
                return true;
            }

            holder = next;
        }

        return !holder.TryGetProperty(names[^1], out var value)
            || value.ValueKind == JsonValueKind.Null
            || field.Rule(field.WithHolder ? holder : value, prefix + field.Path, found);
    }
}
