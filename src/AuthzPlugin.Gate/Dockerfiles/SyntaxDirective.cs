using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AuthzPlugin.Gate.Dockerfiles;

/// <summary>
/// What makes BuildKit fetch another frontend for a Dockerfile: <c># syntax=</c> among the directives at its head, and the same after
/// <c>//</c> or in JSON. The classic builder ignores it.
/// </summary>
/// <param name="Image">The image of the frontend.</param>
public sealed partial record SyntaxDirective(string Image)
{
    /// <summary>Null if the file has none.</summary>
    public static SyntaxDirective? Find(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith(new byte[] { 0xEF, 0xBB, 0xBF }))
        {
            file = file[3..];
        }

        if (file.StartsWith("#!"u8))
        {
            var end = file.IndexOf((byte)'\n');
            file = end < 0 ? [] : file[(end + 1)..];
        }

        var text = Encoding.Latin1.GetString(file);
        var image = Find(text, "#") ?? Find(text, "//") ?? FindJson(file);
        return image is null ? null : new SyntaxDirective(image);
    }

    private static string? Find(string text, string comment)
    {
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan()[range];
            var match = line.StartsWith(comment) ? Directive().Match(line[comment.Length..].ToString()) : Match.Empty;
            var name = match.Groups["name"].Value.ToLowerInvariant();
            if (!match.Success || name is not ("syntax" or "escape" or "check"))
            {
                return null;
            }

            if (name == "syntax")
            {
                return match.Groups["value"].Value.Split(' ')[0];
            }
        }

        return null;
    }

    private static string? FindJson(ReadOnlySpan<byte> file)
    {
        if (!file.TrimStart(" \t\r\n"u8).StartsWith("{"u8))
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(file.ToArray());
            return json.RootElement.TryGetProperty("syntax", out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (JsonException)
        {
            // Not JSON to BuildKit either; then it is a Dockerfile, and no good one.
            return null;
        }
    }

    [GeneratedRegex(@"\A\s*(?<name>[a-zA-Z][a-zA-Z0-9]*)\s*=\s*(?<value>.+?)\s*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Directive();
}
