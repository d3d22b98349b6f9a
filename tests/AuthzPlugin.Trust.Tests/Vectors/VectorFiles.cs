namespace AuthzPlugin.Trust.Tests.Vectors;

/// <summary>Files of <c>tests/vectors</c>, copied beside the tests.</summary>
internal static class VectorFiles
{
    internal static byte[] Read(string path) => File.ReadAllBytes(PathOf(path));

    internal static string PathOf(string path) => Path.Combine(AppContext.BaseDirectory, "vectors", path);

    /// <summary>Lines of <c>name=value</c>; a name may stand several times.</summary>
    internal static ILookup<string, string> ReadFacts(string path) =>
        File.ReadLines(PathOf(path))
            .Where(l => l.Length > 0 && !l.StartsWith('#'))
            .Select(l => l.Split('=', 2))
            .ToLookup(p => p[0], p => p[1], StringComparer.Ordinal);
}
