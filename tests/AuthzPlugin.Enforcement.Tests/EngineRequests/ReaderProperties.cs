using System.Text;
using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Trust.References;
using FsCheck;
using FsCheck.Fluent;

namespace AuthzPlugin.Enforcement.Tests.EngineRequests;

/// <summary>The reader against the models of the engine: whatever it lets pass, the engine reads in the same way.</summary>
public sealed class ReaderProperties
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(3000);

    private static readonly string[] Paths =
    [
        "/containers/create", "/containers/a/start", "/containers/a/restart", "/containers/a/unpause", "/containers/a/update",
        "/containers/a/rename", "/containers/a", "/containers/prune", "/containers/a/checkpoints", "/containers/a/checkpoints/c", "/images/create",
        "/build", "/session", "/grpc", "/plugins/pull", "/plugins/a/enable", "/plugins/a/set", "/plugins/create", "/plugins/a/upgrade",
        "/services/create", "/services/a/update", "/swarm/join", "/swarm", "/swarm/unlockkey", "/images/a/tag", "/networks/a", "/auth",
    ];

    private static readonly string[] Pieces =
    [
        "/", "//", "/.", "/..", "/./", "/../", "%2F", "%2f", "%2E", "%2e%2e", "%25", "%", "%zz", "%0A", "%00", "%FF", "#", "?", ";", "&", "\\", " ", "\t",
        "\u00e9", "\ufffd", "v1.41", "/v1.41", "/v1.", "/v", "http://h", "x:", "x://h", "a", "A", "s", "%73", "%53", ":", "@", "*", "start", "create",
    ];

    private static Gen<string> Uris =>
        from prefix in Gen.Elements("", "", "/v1.41", "/v1.00041", "/v1..41", "http://h", "http://h/v1.24", "x:", "/v1%2E41")
        from path in Gen.Elements(Paths)
        from query in Gen.Elements("", "", "?x=1", "?checkpoint=", "?name=b", "?fromImage=a&tag=1", "?dir=/etc")
        from edits in Gen.Choose(0, 3).SelectMany(n => Edit.ArrayOf(n))
        select edits.Aggregate(prefix + path + query, (uri, edit) => edit.Apply(uri));

    private static Gen<TextEdit> Edit =>
        from at in Gen.Choose(0, 40)
        from removed in Gen.Elements(0, 0, 0, 1, 2)
        from piece in Gen.Elements(Pieces)
        select new TextEdit(at, removed, piece);

    private static Gen<string> Methods =>
        Gen.Elements("POST", "POST", "POST", "DELETE", "PUT", "GET", "HEAD", "OPTIONS", "post", "PATCH", "");

    private static Gen<string> Headers => Gen.Elements(
        "", "Content-Length: 0", "Content-Length: 40", "Content-Type: text/plain", "Content-Type: application/json|Content-Length: 15",
        "Content-Type: application/x-www-form-urlencoded|Content-Length: 9", "Content-Type: application/x-tar");

    [Fact]
    public void The_reader_answers_everything_with_one_printable_line()
    {
        var requests =
            from method in Gen.OneOf(Methods, Text)
            from uri in Gen.OneOf(Uris, Text)
            from name in Gen.OneOf(Gen.Elements("Content-Length", "Content-Type", "content-type"), Text)
            from value in Gen.OneOf(Gen.Elements("0", "text/plain", "application/json"), Text)
            from body in Gen.OneOf(ArbMap.Default.GeneratorFor<byte[]>(), Bodies.Select(Encoding.UTF8.GetBytes))
            select new AuthZRequest(method, uri, new Dictionary<string, string> { [name] = value }, body, null, null);

        Prop.ForAll(requests.ToArbitrary(), r => IsWellFormed(EngineRequestReader.Read(r))).Check(Runs);
    }

    [Fact]
    public void Nothing_passes_under_another_reading_of_its_path()
    {
        var requests =
            from method in Methods
            from uri in Uris
            from headers in Headers
            from body in Gen.Elements("", """{"Image":"a"}""")
            select (method, uri, headers, body);

        Prop.ForAll(requests.ToArbitrary(), r => AgreesWithRouter(r.method, r.uri, r.headers, r.body)).Check(Runs.WithMaxTest(20_000));
    }

    [Fact]
    public void A_pull_is_what_the_engine_makes_of_the_query()
    {
        var pairs =
            from key in Gen.Elements("fromImage", "fromImage", "tag", "tag", "fromSrc", "%66romImage", "FROMIMAGE", "t%61g", "platform", "")
            from sign in Gen.Elements("=", "=", "=", "", "==", "%3D", ";")
            from value in Gen.Elements("a", "a:1", "b", "", "1", $"sha256:{Asking.A64}", $"a@sha256%3A{Asking.A64}", "a:", "%zz", "a+b", "%C3", "-")
            select key + sign + value;
        var queries = Gen.Choose(0, 4).SelectMany(n => pairs.ArrayOf(n)).Select(p => "/images/create?" + string.Join('&', p));

        Prop.ForAll(queries.ToArbitrary(), AgreesWithForm).Check(Runs);
    }

    [Fact]
    public void A_create_is_what_the_engine_makes_of_the_body() =>
        Prop.ForAll(Bodies.ToArbitrary(), AgreesWithDecoder).Check(Runs);

    private static Gen<string> Text => ArbMap.Default.GeneratorFor<string>().Select(s => s ?? "");

    private static Gen<string> Bodies =>
        from members in Members(Gen.OneOf(
            Member(["Image", "Image", "image", "IMAGE", "\\u0049mage", "Other"], Gen.Elements("\"a\"", "\"b\"", "null", "1")),
            Member(["HostConfig", "HostConfig", "hostConfig", "Ho\u017ftConfig", "ho\\u017ftconfig", "Labels"], HostConfigs)))
        from tail in Gen.Elements("", "", "", " ", "}", "{}", "x")
        select members + tail;

    private static Gen<string> HostConfigs => Members(Member(["Mounts", "Mounts", "mounts", "Binds"], MountLists));

    private static Gen<string> MountLists =>
        from count in Gen.Choose(0, 2)
        from mounts in Members(Member(["Type", "type", "Source", "Source", "\u017fource", "Target"], Gen.Elements("\"image\"", "\"bind\"", "\"c\"", "\"d\""))).ArrayOf(count)
        select "[" + string.Join(',', mounts) + "]";

    private static Gen<string> Member(string[] keys, Gen<string> values) =>
        from key in Gen.Elements(keys)
        from value in values
        select $"\"{key}\":{value}";

    private static Gen<string> Members(Gen<string> member) =>
        from count in Gen.Choose(0, 3)
        from members in member.ArrayOf(count)
        select "{" + string.Join(',', members) + "}";

    private static bool IsWellFormed(EngineRequest result) => result switch
    {
        RefusedRequest refused => IsMessage(refused.Message),
        PolicyGatedRequest gated => IsMessage(gated.Message),
        _ => true,
    };

    private static bool IsMessage(string message) =>
        message.All(c => c is >= ' ' and <= '~') && message.Contains("; ", StringComparison.Ordinal) && !message.EndsWith('.') && message.Length < 5000;

    private static bool AgreesWithRouter(string method, string uri, string headers, string body)
    {
        var result = Asking.Read(method, uri, headers, body);
        if (result is RefusedRequest or PolicyGatedRequest || GoServer.Route(method, uri) is not { } served)
        {
            return true;
        }

        return served.Route switch
        {
            "POST /containers/create" => result is CreateRequest,
            "POST /containers/{name:.*}/start" => result is StartRequest { Kind: StartKind.Start } s && s.Container == served.Name,
            "POST /containers/{name:.*}/restart" => result is StartRequest { Kind: StartKind.Restart } s && s.Container == served.Name,
            "POST /containers/{name:.*}/unpause" => result is StartRequest { Kind: StartKind.Unpause } s && s.Container == served.Name,
            "POST /containers/{name:.*}/rename" => result is NameChangeRequest { Kind: NameChange.Rename } n
                && n.Container == served.Name && n.NewName == GoServer.Query(uri)?["name"].FirstOrDefault(),
            "DELETE /containers/{name:.*}" => result is NameChangeRequest { Kind: NameChange.Remove } n && n.Container == served.Name,
            "POST /containers/prune" => result is NameChangeRequest { Kind: NameChange.Prune },
            "DELETE /containers/{name}/checkpoints/{checkpoint}" => result is NoImageRequest && GoServer.Query(uri)?["dir"].Any(d => d != "") != true,
            "POST /images/create" => result is PullRequest or NoImageRequest,
            "GET /swarm" or "GET /swarm/unlockkey" => false,
            var route when IsGated(route) => false,
            var route when route.StartsWith("GET ", StringComparison.Ordinal) || route.StartsWith("HEAD ", StringComparison.Ordinal)
                || route.StartsWith("OPTIONS ", StringComparison.Ordinal) => result is ReadRequest,
            _ => result is NoImageRequest,
        };
    }

    private static bool IsGated(string route) => route is
        "POST /build" or "POST /session" or "POST /grpc" or "POST /plugins/pull" or "POST /plugins/create" or "POST /plugins/{name:.*}/upgrade"
        or "POST /plugins/{name:.*}/enable" or "POST /plugins/{name:.*}/set" or "POST /services/create" or "POST /services/{id}/update"
        or "POST /swarm/init" or "POST /swarm/join" or "POST /swarm/update" or "POST /swarm/unlock";

    private static bool AgreesWithForm(string uri)
    {
        var result = Asking.Read("POST", uri);
        return result switch
        {
            RefusedRequest => true,
            PullRequest pull => GoServer.Query(uri) is { } form && EngineReference(form) == pull.Image.ToString(),
            _ => GoServer.Query(uri) is { } form && (form["fromImage"].FirstOrDefault() ?? "") == "",
        };
    }

    private static string EngineReference(ILookup<string, string> form)
    {
        var image = form["fromImage"].First();
        image = image.EndsWith(':') ? image[..^1] : image;
        var tag = form["tag"].FirstOrDefault() ?? "";
        Assert.True(ImageReferenceParser.TryParseNamed(image, out var named, out _));
        return tag.Contains(':', StringComparison.Ordinal) ? $"{named.Repository}@{tag}"
            : tag != "" ? $"{named.Repository}:{tag}" + (named.Digest is null ? "" : $"@{named.Digest}")
            : named.ToString();
    }

    private static bool AgreesWithDecoder(string body) =>
        Asking.Create(body) is not CreateRequest create
        || GoJson.Create(body) == string.Join('|', create.ImageMounts.Select(m => ((NamedReference)m).Repository.Path["library/".Length..]).Prepend(create.ImageText));

    private sealed record TextEdit(int At, int Removed, string Inserted)
    {
        public string Apply(string text)
        {
            var at = Math.Min(At, text.Length);
            return text[..at] + Inserted + text[Math.Min(at + Removed, text.Length)..];
        }
    }
}
