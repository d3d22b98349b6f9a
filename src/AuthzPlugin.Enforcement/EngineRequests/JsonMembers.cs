using System.Text.Json;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>Members of an object as Go fills a struct: what is absent or null is the zero value, a wrong type is an error.</summary>
internal static class JsonMembers
{
    /// <summary>The text of a member, empty when it is absent or null; false when it is something else, or no valid text.</summary>
    public static bool TryText(this JsonElement holder, string name, out string text)
    {
        text = "";
        if (!holder.TryMember(name, JsonValueKind.String, out var member))
        {
            return false;
        }

        try
        {
            text = member?.GetString() ?? "";
            return true;
        }
        catch (InvalidOperationException)
        {
            return false; // an escaped half of a surrogate pair
        }
    }

    /// <summary>A member of the given kind, null when it is absent or null; false when it is something else.</summary>
    public static bool TryMember(this JsonElement holder, string name, JsonValueKind kind, out JsonElement? member)
    {
        member = null;
        if (!holder.TryGetProperty(name, out var found) || found.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        member = found;
        return found.ValueKind == kind;
    }
}
