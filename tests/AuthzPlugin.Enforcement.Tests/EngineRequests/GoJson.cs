using System.Text.Json;

namespace AuthzPlugin.Enforcement.Tests.EngineRequests;

/// <summary>
/// A small model of <c>encoding/json</c> filling the create struct: keys fold, the last one wins, null leaves what was there,
/// objects merge, and items of a second array land on those of the first.
/// </summary>
internal static class GoJson
{
    /// <summary>The image and the sources of image mounts that the engine would use.</summary>
    public static string Create(string body)
    {
        using var document = JsonDocument.Parse(body);
        var image = "";
        var mounts = new List<Mount>();
        foreach (var member in document.RootElement.EnumerateObject())
        {
            if (Fold(member.Name) == "image" && member.Value.ValueKind == JsonValueKind.String)
            {
                image = member.Value.GetString()!;
            }
            else if (Fold(member.Name) == "hostconfig" && member.Value.ValueKind == JsonValueKind.Object)
            {
                FillHostConfig(member.Value, mounts);
            }
        }

        return string.Join('|', mounts.Where(m => m.Type == "image").Select(m => m.Source).Prepend(image));
    }

    private static void FillHostConfig(JsonElement hostConfig, List<Mount> mounts)
    {
        foreach (var list in hostConfig.EnumerateObject().Where(m => Fold(m.Name) == "mounts" && m.Value.ValueKind == JsonValueKind.Array))
        {
            var items = list.Value.EnumerateArray().ToArray();
            while (mounts.Count < items.Length)
            {
                mounts.Add(new Mount());
            }

            mounts.RemoveRange(items.Length, mounts.Count - items.Length);
            for (var i = 0; i < items.Length; i++)
            {
                mounts[i].Fill(items[i]);
            }
        }
    }

    private static string Fold(string key) => key.Replace('\u017f', 's').Replace('\u212a', 'k').ToLowerInvariant();

    private sealed class Mount
    {
        public string Type { get; private set; } = "";

        public string Source { get; private set; } = "";

        public void Fill(JsonElement item)
        {
            foreach (var member in item.EnumerateObject().Where(m => m.Value.ValueKind == JsonValueKind.String))
            {
                Type = Fold(member.Name) == "type" ? member.Value.GetString()! : Type;
                Source = Fold(member.Name) == "source" ? member.Value.GetString()! : Source;
            }
        }
    }
}
