using System.Globalization;

namespace AuthzPlugin.Enforcement.Audit;

/// <summary>The files of an audit log: the present one, and those that were put aside as <c>.1</c> (the newest), <c>.2</c>, ….</summary>
internal static class AuditFiles
{
    /// <summary>Most numbers that are looked at.</summary>
    public const int Most = 1000;

    /// <summary>Those that exist, the oldest first, the present one last.</summary>
    public static IReadOnlyList<string> OldestFirst(string path) =>
        [.. Enumerable.Range(1, Most).Select(n => Numbered(path, n)).TakeWhile(File.Exists).Reverse(), path];

    /// <summary>Puts the present file aside and drops what is beyond <paramref name="keep"/>.</summary>
    /// <exception cref="IOException">A file cannot be renamed.</exception>
    public static void PutAside(string path, int keep)
    {
        var last = OldestFirst(path).Count - 1;
        for (var n = last; n >= keep; n--)
        {
            File.Delete(Numbered(path, n));
        }

        for (var n = Math.Min(last, keep - 1); n >= 1; n--)
        {
            File.Move(Numbered(path, n), Numbered(path, n + 1), overwrite: true);
        }

        File.Move(path, Numbered(path, 1), overwrite: true);
    }

    private static string Numbered(string path, int number) => path + "." + number.ToString(CultureInfo.InvariantCulture);
}
