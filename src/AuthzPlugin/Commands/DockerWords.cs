using System.Text.Json.Nodes;
using AuthzPlugin.Protocol;

namespace AuthzPlugin.Commands;

/// <summary>The requests behind a few words of the docker command line, as its 20.10 version sends them.</summary>
internal static class DockerWords
{
    public const string Usage = "docker pull IMAGE | run|create [--privileged] [-v SOURCE:TARGET] [--pid MODE] [--cap-add NAME] IMAGE | start|restart|unpause CONTAINER | build | load";

    /// <summary>Null when they are not understood.</summary>
    public static ExplainQuestion? Read(IReadOnlyList<string> words) => (words is ["docker", ..] ? [.. words.Skip(1)] : words.ToArray()) switch
    {
        ["pull", var image] => Post("/v1.41/images/create" + PullQuery(image)),
        ["run" or "create", .. var rest] => Create(rest),
        [("start" or "restart" or "unpause") and var verb, var container] => Post($"/v1.41/containers/{Uri.EscapeDataString(container)}/{verb}"),
        ["build", ..] => Post("/v1.41/build?version=1"),
        ["load", ..] => Post("/v1.41/images/load?quiet=1"),
        _ => null,
    };

    private static ExplainQuestion? Create(string[] words)
    {
        var host = new JsonObject();
        for (var i = 0; i < words.Length; i++)
        {
            switch (words[i])
            {
                case "--privileged":
                    host["Privileged"] = true;
                    break;
                case "-v" or "--volume" when i + 1 < words.Length:
                    Add(host, "Binds", words[++i]);
                    break;
                case "--cap-add" when i + 1 < words.Length:
                    Add(host, "CapAdd", words[++i]);
                    break;
                case "--pid" when i + 1 < words.Length:
                    host["PidMode"] = words[++i];
                    break;
                case "--rm" or "-d" or "--detach" or "-i" or "-t" or "-it":
                    break;
                case ['-', ..]:
                    return null;
                default:
                    // What comes behind the image is its command.
                    return Post("/v1.41/containers/create", new JsonObject { ["Image"] = words[i], ["HostConfig"] = host });
            }
        }

        return null;
    }

    private static void Add(JsonObject host, string member, string value)
    {
        var list = host[member] as JsonArray ?? [];
        list.Add((JsonNode?)value);
        host[member] ??= list;
    }

    private static string PullQuery(string image)
    {
        var at = image.IndexOf('@', StringComparison.Ordinal);
        var colon = image.LastIndexOf(':');
        var (name, tag) = at >= 0 ? (image[..at], image[(at + 1)..])
            : colon > image.LastIndexOf('/') ? (image[..colon], image[(colon + 1)..])
            : (image, "latest");
        return $"?fromImage={Uri.EscapeDataString(name)}&tag={Uri.EscapeDataString(tag)}";
    }

    private static ExplainQuestion Post(string uri, JsonObject? body = null) => new() { Method = "POST", Uri = uri, Body = body?.ToJsonString() };
}
