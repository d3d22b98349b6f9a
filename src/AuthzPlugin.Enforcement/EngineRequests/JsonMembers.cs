using System.Text.Json;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>Members of an object as Go fills a struct: what is absent or null is the zero value, a wrong type is an error.</summary>
internal static class JsonMembers
{
    /// <summary>The text of a member, empty when it is absent or null; false when it is something else, or no valid text.</summary>
    public static bool TryText(this JsonElement holder, string name, out string text)
    {
        text = "";
        return holder.TryMember(name, JsonValueKind.String, out var member) && (member is not { } value || value.TryString(out text));
    }

    /// <summary>The value as text; false when it is something else, or no valid text.</summary>
    public static bool TryString(this JsonElement value, out string text)
    {
        text = "";
        try
        {
            text = value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
            return value.ValueKind == JsonValueKind.String;
        }
        catch (InvalidOperationException)
        {
            return false; // an escaped half of a surrogate pair
        }
    }

    /// <summary>The value as a list of texts without its nulls; false when it is something else.</summary>
    public static bool TryStrings(this JsonElement value, out List<string> texts)
    {
        texts = [];
        if (value.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        foreach (var item in value.EnumerateArray().Where(i => i.ValueKind != JsonValueKind.Null))
        {
            if (!item.TryString(out var text))
            {
                return false;
            }

            texts.Add(text);
        }

        return true;
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
