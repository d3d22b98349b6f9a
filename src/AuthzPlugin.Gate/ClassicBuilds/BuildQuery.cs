using System.Text;
using System.Text.Json;
using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Gate.ClassicBuilds;

/// <summary>The parameters of <c>POST /build</c> that decide what a build begins from.</summary>
/// <param name="Dockerfile">The name inside the context, one byte in each character; empty for the default.</param>
/// <param name="BuildArgs">Those that have a value.</param>
/// <param name="Platform">Empty when none is asked for.</param>
/// <param name="IsRemote">The engine fetches the context itself.</param>
/// <param name="HasCacheFrom">Images of the caller's choice serve as cache.</param>
/// <param name="IsSquashed">The result is one layer of an image that the engine makes afterwards.</param>
internal sealed record BuildQuery(
    string Dockerfile,
    IReadOnlyDictionary<string, string> BuildArgs,
    string Platform,
    bool IsRemote,
    bool HasCacheFrom,
    bool IsSquashed)
{
    // Those of the engine's own list that change neither what a build begins from nor where its files come from. A network of the host
    // or of another container is no access that create would refuse.
    private static readonly HashSet<string> Harmless = new(StringComparer.Ordinal)
    {
        "q", "nocache", "rm", "forcerm", "pull", "memory", "memswap", "cpushares", "cpuperiod", "cpuquota", "cpusetcpus", "cpusetmems",
        "cgroupparent", "networkmode", "t", "extrahosts", "securityopt", "target", "buildid", "shmsize", "isolation", "ulimits", "labels",
        "version", "dockerfile", "buildargs", "platform", "remote", "cachefrom", "squash",
    };

    /// <summary>Reads them; on failure <paramref name="problem"/> is half a sentence about the build.</summary>
    public static BuildQuery? Read(QueryParameters query, out string? problem)
    {
        // The command line tool of 20.10 asks for BuildKit this way, with a session; newer ones do not.
        problem = query["version"] is not ("" or "1") ? "is not for the classic builder (DOCKER_BUILDKIT=0), and BuildKit is seen by POST /grpc only"
            : query.Keys.FirstOrDefault(k => !Harmless.Contains(k)) is { } unknown
                ? $"has the parameter {UntrustedText.Escape(unknown)}, which is not known for a classic build"
                : null;

        var args = problem is null ? ReadArgs(query["buildargs"], out problem) : null;
        return args is null
            ? null
            : new BuildQuery(
                Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(query["dockerfile"])),
                args,
                query["platform"],
                query["remote"].Length > 0,
                IsList(query["cachefrom"]),
                query["squash"] is not ("" or "0" or "false"));
    }

    // The CLI sends an empty list, or null.
    private static bool IsList(string text) => text is not ("" or "[]" or "null");

    private static Dictionary<string, string>? ReadArgs(string json, out string? problem)
    {
        var args = new Dictionary<string, string>(StringComparer.Ordinal);
        problem = "has build arguments that are not an object of texts, each once";
        if (json.Length == 0)
        {
            problem = null;
            return args;
        }

        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 2 });
            if (document.RootElement.ValueKind == JsonValueKind.Null)
            {
                problem = null;
                return args;
            }

            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var member in document.RootElement.EnumerateObject())
            {
                // Null stands for an argument that the caller's environment has not.
                if (!seen.Add(member.Name) || member.Value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null))
                {
                    return null;
                }

                if (member.Value.GetString() is { } value)
                {
                    args.Add(member.Name, value);
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON, not an object, or a text that is no Unicode.
            return null;
        }

        problem = null;
        return args;
    }
}
