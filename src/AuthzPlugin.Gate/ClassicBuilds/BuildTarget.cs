using AuthzPlugin.Enforcement.EngineRequests;

namespace AuthzPlugin.Gate.ClassicBuilds;

/// <summary>Changes the query of a build.</summary>
internal static class BuildTarget
{
    private const string NoCache = "nocache";

    /// <summary>The same build, with every step executed anew.</summary>
    /// <param name="target">A request target whose query was read without problems.</param>
    public static string WithoutCache(string target)
    {
        var question = target.IndexOf('?', StringComparison.Ordinal);
        var (path, query) = question < 0 ? (target, "") : (target[..question], target[(question + 1)..]);
        var parts = query.Split('&', StringSplitOptions.RemoveEmptyEntries).Where(p => KeyOf(p) != NoCache).Append($"{NoCache}=1");
        return $"{path}?{string.Join('&', parts)}";
    }

    private static string KeyOf(string part)
    {
        var equals = part.IndexOf('=', StringComparison.Ordinal);
        return PercentEncoding.TryDecode(equals < 0 ? part : part[..equals], plusIsSpace: true, out var key) ? key : "";
    }
}
