using System.Globalization;
using System.Text;
using AuthzPlugin.Benchmarks.World;

namespace AuthzPlugin.Benchmarks.Load;

/// <summary>The engine's messages, whole HTTP requests as dockerd writes them (docs of the protocol: engine-authz.md 1.2, 1.3).</summary>
internal static class Messages
{
    private const string Request = "/AuthZPlugin.AuthZReq";
    private const string Response = "/AuthZPlugin.AuthZRes";

    /// <summary>What every client of a plugin asks first.</summary>
    public static readonly byte[] Activate = Http("/Plugin.Activate", "");

    /// <summary><c>docker ps</c>.</summary>
    public static readonly byte[] Read = Http(Request, Question("GET", "/v1.51/containers/json", """{"User-Agent":"Docker-Client/28.5.2 (linux)"}"""));

    public static readonly byte[] Start = Http(Request, Question("POST", $"/v1.51/containers/{Names.Container}/start", NoBody));

    public static readonly byte[] Started = Http(Response, Question("POST", $"/v1.51/containers/{Names.Container}/start", NoBody, ""","ResponseStatusCode":204"""));

    private const string NoBody = """{"Content-Length":"0","User-Agent":"Docker-Client/28.5.2 (linux)"}""";
    private const string Json = """{"Content-Type":"application/json","User-Agent":"Docker-Client/28.5.2 (linux)"}""";

    public static byte[] Create(string image, int padding = 0) => Http(Request, CreateQuestion(image, padding, ""));

    /// <summary>The engine made the container (201), or did not know the image (404).</summary>
    public static byte[] Created(string image, int status)
    {
        var body = status == 201 ? $$"""{"Id":"{{Names.Container}}","Warnings":[]}""" : """{"message":"No such image"}""";
        return Http(Response, CreateQuestion(image, 0, $$""","ResponseBody":"{{Base64(body)}}","ResponseStatusCode":{{status}}"""));
    }

    public static byte[] Pull(string repository) => Http(Request, Question("POST", PullPath(repository), NoBody));

    public static byte[] Pulled(string repository) => Http(Response, Question("POST", PullPath(repository), NoBody, ""","ResponseStatusCode":200"""));

    /// <summary>The report about a read whose answer has so many bytes, as <c>docker save</c> makes them.</summary>
    public static byte[] LargeReport(int bytes) => Http(
        Response,
        Question("GET", "/v1.51/images/get", NoBody, $$""","ResponseBody":"{{Convert.ToBase64String(new byte[bytes])}}","ResponseStatusCode":200"""));

    /// <summary>The JSON of a question about a create whose body has about so many bytes more than it needs, in labels of a kilobyte each.</summary>
    public static string CreateQuestion(string image, int padding, string more)
    {
        const int LabelBytes = 1024;
        var labels = Enumerable.Range(0, (padding + LabelBytes - 1) / LabelBytes)
            .Select(i => string.Create(CultureInfo.InvariantCulture, $"\"com.example.label-{i:00000}\":\"{new string('v', LabelBytes - 29)}\""));
        var body = $$$"""{"Image":"{{{image}}}","Cmd":["true"],"Labels":{{{{string.Join(',', labels)}}}},"HostConfig":{"NetworkMode":"none"}}""";
        return Question("POST", "/v1.51/containers/create", Json, $$""","RequestBody":"{{Base64(body)}}"{{more}}""");
    }

    private static string PullPath(string repository) => $"/v1.51/images/create?fromImage={Uri.EscapeDataString(repository)}&tag={Names.Tag}";

    private static string Question(string method, string uri, string headers, string more = "") =>
        $$"""{"RequestMethod":"{{method}}","RequestUri":"{{uri}}","RequestHeaders":{{headers}}{{more}}}""" + "\n";

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static byte[] Http(string path, string body) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"POST {path} HTTP/1.1\r\nHost: plugin.moby.localhost\r\nUser-Agent: Go-http-client/1.1\r\nContent-Length: {body.Length}\r\nAccept-Encoding: gzip\r\n\r\n{body}"));
}
