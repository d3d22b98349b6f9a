using System.Text;
using System.Text.Json;
using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Policy.Json;
using AuthzPlugin.Protocol;

namespace AuthzPlugin.Proof;

/// <summary>What the engine and administrators hand in: requests, plugin messages, policies.</summary>
internal static class EngineTargets
{
    private const string Stanza = """
        {"mode":"enforced","trust-pinning":{"official-library-images":false,"root-keys":{"registry.example.com/team/*":["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]}},"trust-servers":{"registry.example.com":"https://notary.example.com:4443"},"freshness":"10s","builds":"refuse"}
        """;

    internal static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new(
            "engine-requests",
            Texts(
                "POST /v1.41/containers/create?name=a\n{\"Content-Type\":\"application/json\",\"Content-Length\":\"40\"}\n{\"Image\":\"alpine\",\"HostConfig\":{\"Binds\":[\"/:/host\"],\"Privileged\":false}}",
                "POST /images/create?fromImage=alpine&tag=1\n{}\n",
                "POST /containers/abc/start\n{\"Content-Length\":\"0\"}\n",
                "POST /v1.41/build?remote=x\n{\"Content-Type\":\"application/x-tar\"}\n",
                "GET /swarm/unlockkey\n{}\n",
                "POST /services/create\n{}\n{\"TaskTemplate\":{\"ContainerSpec\":{\"Image\":\"a@sha256:00\"}}}"),
            Request),
        new(
            "authz-messages",
            Texts("""{"User":"","UserAuthNMethod":"TLS","RequestMethod":"POST","RequestUri":"/v1.41/containers/create","RequestBody":"e30=","RequestHeaders":{"Content-Length":"2"},"ResponseStatusCode":201,"ResponseBody":"e30="}"""),
            Message),
        new("daemon-json", Texts("{\"builder\":{\"gc\":{\"enabled\":true},\"content-trust\":" + Stanza + "},\"debug\":true}"), b => Policy(b, null)),
        new("policy-file", Texts(Stanza), b => Policy(null, b)),
    ];

    private static string? Request(byte[] input)
    {
        var parts = Encoding.UTF8.GetString(input).Split('\n', 3);
        var line = parts[0].Split(' ', 2);
        var request = new AuthZRequest(
            line[0],
            line.Length > 1 ? line[1] : "",
            Headers(parts.Length > 1 ? parts[1] : ""),
            Encoding.UTF8.GetBytes(parts.Length > 2 ? parts[2] : ""),
            null,
            null);
        var read = EngineRequestReader.Read(request);
        return read is RefusedRequest refused && !refused.Message.All(c => c is >= ' ' and <= '~')
            ? "a message that is not one printable line: " + refused.Message
            : null;
    }

    private static Dictionary<string, string> Headers(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.EnumerateObject().DistinctBy(p => p.Name).ToDictionary(p => p.Name, p => p.Value.ToString())
                : [];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return [];
        }
    }

    private static string? Message(byte[] input)
    {
        _ = MessagePrefix.IsAboutRead(input);
        using var message = AuthZMessage.TryRead(input);
        if (message?.ToRequest() is { } request)
        {
            _ = EngineRequestReader.Read(request);
        }

        return null;
    }

    private static string? Policy(byte[]? daemon, byte[]? file)
    {
        var result = PolicyReader.Read(FileOf("/etc/docker/daemon.json", daemon), FileOf("/etc/docker/content-trust.json", file));
        return (result.Policy is null) == (result.Problems.Count > 0) ? null : "a policy with problems, or none without";
    }

    private static ConfigFile FileOf(string path, byte[]? bytes) =>
        new(path, bytes is null ? (ReadOnlyMemory<byte>?)null : bytes, null, WritableByStrangers: false);

    private static byte[][] Texts(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];
}
