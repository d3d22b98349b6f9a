using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Gate.ClassicBuilds;

/// <summary>Paths in a build context as the engine resolves them: relative to its root whatever they begin with.</summary>
internal static class ContextPath
{
    /// <summary>The path without empty and <c>.</c> parts; empty for the root.</summary>
    /// <exception cref="ContextException">It has a <c>..</c> part: what it means depends on links.</exception>
    public static string Clean(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != ".").ToArray();
        return parts.Contains("..", StringComparer.Ordinal)
            ? throw new ContextException($"has a path with .. in it ({UntrustedText.Escape(path)})")
            : string.Join('/', parts);
    }

    /// <summary>Whether the first is a folder above the second.</summary>
    public static bool IsAbove(string folder, string path) =>
        folder.Length == 0 || (path.Length > folder.Length && path[folder.Length] == '/' && path.StartsWith(folder, StringComparison.Ordinal));

    /// <summary>Every folder above it, without the root, nearest first.</summary>
    public static IEnumerable<string> FoldersAbove(string path)
    {
        for (var slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
        {
            yield return path[..slash];
        }
    }
}
