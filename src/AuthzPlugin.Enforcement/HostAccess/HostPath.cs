namespace AuthzPlugin.Enforcement.HostAccess;

/// <summary>Paths of the host as text, and where they lead.</summary>
internal static class HostPath
{
    /// <summary>Most links on the way to a file, as in the kernel.</summary>
    private const int MaxLinks = 40;

    /// <summary>As the engine's <c>path.Clean</c> of an absolute path; <c>/var/run</c> is <c>/run</c> on every host.</summary>
    public static string Clean(string path)
    {
        var segments = new List<string>();
        foreach (var segment in path.Split('/').Where(s => s is not ("" or ".")))
        {
            Step(segments, segment);
        }

        return segments is ["var", "run", .. var rest] ? Join(rest) is "/" ? "/run" : "/run" + Join(rest) : Join(segments);
    }

    /// <summary>
    /// The path without links, walked as the kernel walks it: <c>..</c> is the parent of what a link led to. What does not exist
    /// (yet) stays as it is written. False when a part cannot be looked at, or links lead in a circle.
    /// </summary>
    public static bool TryResolve(string path, IHostFiles files, out string resolved)
    {
        var done = new List<string>();
        var todo = new Stack<string>(path.Split('/').Reverse());
        var links = 0;
        while (todo.TryPop(out var segment))
        {
            if (segment is "" or ".")
            {
                continue;
            }

            Step(done, segment);
            var entry = segment == ".." ? new HostEntry(HostEntryKind.Plain) : files.Look(Join(done));
            if (entry.Kind == HostEntryKind.Hidden || (entry.Kind == HostEntryKind.Link && ++links > MaxLinks))
            {
                resolved = Join(done);
                return false;
            }

            if (entry.Kind == HostEntryKind.Link)
            {
                Follow(entry.Target, done, todo);
            }
        }

        resolved = Join(done);
        return true;
    }

    /// <summary>Whether the path is the folder or something in it.</summary>
    public static bool IsWithin(string path, string folder) =>
        folder == "/" || path == folder || (path.StartsWith(folder, StringComparison.Ordinal) && path[folder.Length] == '/');

    private static void Follow(string target, List<string> done, Stack<string> todo)
    {
        if (target.StartsWith('/'))
        {
            done.Clear();
        }
        else
        {
            done.RemoveAt(done.Count - 1);
        }

        foreach (var segment in target.Split('/').Reverse())
        {
            todo.Push(segment);
        }
    }

    private static void Step(List<string> segments, string segment)
    {
        if (segment != "..")
        {
            segments.Add(segment);
        }
        else if (segments.Count > 0)
        {
            segments.RemoveAt(segments.Count - 1);
        }
    }

    private static string Join(IEnumerable<string> segments) => "/" + string.Join('/', segments);
}
