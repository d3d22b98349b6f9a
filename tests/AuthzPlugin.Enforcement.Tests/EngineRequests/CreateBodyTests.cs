using System.Text;
using AuthzPlugin.Enforcement.EngineRequests;

namespace AuthzPlugin.Enforcement.Tests.EngineRequests;

/// <summary>Create bodies as Go reads them (rule R6, engine-authz.md 2.3).</summary>
public sealed class CreateBodyTests
{
    private const string Ambiguous = "refused hidden-or-ambiguous";
    private const string Bad = "refused bad-reference";
    private const string D = "sha256:" + Asking.A64;

    public static TheoryData<string, string, string> Rows => new()
    {
        { "name", """{"Image":"a"}""", "create docker.io/library/a" },
        { "white space around", " \t\r\n{\"Image\":\"a\"}\n ", "create docker.io/library/a" },
        { "escaped key", """{"\u0049mage":"a"}""", "create docker.io/library/a" },
        { "escaped value", """{"Image":"\u0061"}""", "create docker.io/library/a" },
        { "image id", $$"""{"Image":"{{Asking.A64}}"}""", $"create {D}" },
        { "name, tag and digest", $$"""{"Image":"r.example.com/a:1@{{D}}"}""", $"create r.example.com/a:1@{D}" },
        { "unknown keys", """{"Image":"a","New":{"Image":"b","image":"c"}}""", "create docker.io/library/a" },
        { "map keys that differ in case", """{"Image":"a","Labels":{"Foo":"1","foo":"2","Image":"b"}}""", "create docker.io/library/a" },
        { "null everywhere", """{"Image":"a","HostConfig":null,"Labels":null,"Mounts":null,"NetworkingConfig":null}""", "create docker.io/library/a" },
        { "null mounts", """{"Image":"a","HostConfig":{"Mounts":[null]}}""", "create docker.io/library/a" },
        { "half a surrogate in a label", """{"Image":"a","Labels":{"x":"\ud800"}}""", "create docker.io/library/a" },
        { "image mount", $$$"""{"Image":"a","HostConfig":{"Mounts":[{"Type":"image","Source":"b@{{{D}}}"}]}}""", $"create docker.io/library/a + docker.io/library/b@{D}" },
        { "image mount at the top, as old engines read", """{"Image":"a","Mounts":[{"Type":"image","Source":"b:1"}]}""", "create docker.io/library/a + docker.io/library/b:1" },
        { "image mount in capitals", """{"Image":"a","HostConfig":{"Mounts":[{"Type":"IMAGE","Source":"b:1"}]}}""", "create docker.io/library/a + docker.io/library/b:1" },
        { "other mounts", """{"Image":"a","HostConfig":{"Mounts":[{"Type":"bind","Source":"/x"},{"Type":"volume"},{}]}}""", "create docker.io/library/a" },
        { "two image mounts", """{"Image":"a","HostConfig":{"Mounts":[{"Type":"image","Source":"b"},{"Type":"bind"},{"Type":"image","Source":"c"}]}}""", "create docker.io/library/a + docker.io/library/b + docker.io/library/c" },

        { "no image", "{}", Bad },
        { "empty image", """{"Image":""}""", Bad },
        { "null image", """{"Image":null}""", Bad },
        { "bad image", """{"Image":"A b"}""", Bad },
        { "image with a line feed", "{\"Image\":\"a\\n\"}", Bad },
        { "image mount without a source", """{"Image":"a","HostConfig":{"Mounts":[{"Type":"image"}]}}""", Bad },
        { "image mount with a bad source", """{"Image":"a","HostConfig":{"Mounts":[{"Type":"image","Source":"B c"}]}}""", Bad },

        { "number as image", """{"Image":1}""", Ambiguous },
        { "half a surrogate in the image", """{"Image":"a\ud800"}""", Ambiguous },
        { "list as host config", """{"Image":"a","HostConfig":[]}""", Ambiguous },
        { "object as mounts", """{"Image":"a","HostConfig":{"Mounts":{}}}""", Ambiguous },
        { "text as mount", """{"Image":"a","HostConfig":{"Mounts":["image"]}}""", Ambiguous },
        { "number as mount type", """{"Image":"a","HostConfig":{"Mounts":[{"Type":1}]}}""", Ambiguous },
        { "image twice", """{"Image":"a","Image":"a"}""", Ambiguous },
        { "image twice, once escaped", """{"Image":"a","\u0049mage":"b"}""", Ambiguous },
        { "image in two cases", """{"Image":"a","image":"b"}""", Ambiguous },
        { "image in two cases, turned", """{"image":"b","Image":"a"}""", Ambiguous },
        { "image in lower case alone", """{"image":"a"}""", Ambiguous },
        { "long s", "{\"Image\":\"a\",\"Ho\u017ftConfig\":{}}", Ambiguous },
        { "long s, escaped", """{"Image":"a","Ho\u017ftConfig":{}}""", Ambiguous },
        { "Kelvin sign", "{\"Image\":\"a\",\"NetworkingConfig\":{},\"Networ\u212aingConfig\":{}}", Ambiguous },
        { "host config twice", """{"Image":"a","HostConfig":{},"HOSTCONFIG":{"Mounts":[]}}""", Ambiguous },
        { "mounts in two cases", """{"Image":"a","HostConfig":{"Mounts":[],"mounts":[{"Type":"image","Source":"b"}]}}""", Ambiguous },
        { "type in two cases", """{"Image":"a","HostConfig":{"Mounts":[{"Type":"bind","type":"image","Source":"b"}]}}""", Ambiguous },
        { "unknown keys that fold", """{"Image":"a","New":1,"new":2}""", Ambiguous },
        { "label twice", """{"Image":"a","Labels":{"x":"1","x":"2"}}""", Ambiguous },
        { "label twice, not side by side", """{"Image":"a","Labels":{"x":"1","y":"2","x":"2"}}""", Ambiguous },
        { "label twice, once escaped", """{"Image":"a","Labels":{"a":"1","\u0061":"2"}}""", Ambiguous },
        { "label twice, escaped first", """{"Image":"a","Labels":{"\u0061":"1","a":"2"}}""", Ambiguous },
        { "empty label twice", """{"Image":"a","Labels":{"":"1","":"2"}}""", Ambiguous },
        { "key twice in the last of a map's values", """{"Image":"a","New":{"x":1,"y":{"z":1,"z":2}}}""", Ambiguous },
        { "key twice deep inside", """{"Image":"a","New":[{"x":[{"y":1,"y":2}]}]}""", Ambiguous },
        { "half a surrogate in a key", """{"Image":"a","\ud800":1}""", Ambiguous },
        { "garbage behind", """{"Image":"a"}}garbage""", Ambiguous },
        { "a bracket behind", """{"Image":"a"}]""", Ambiguous },
        { "a second object", """{"Image":"a"}{"Image":"b"}""", Ambiguous },
        { "a nul behind", "{\"Image\":\"a\"}\0", Ambiguous },
        { "byte order mark", "\ufeff{\"Image\":\"a\"}", Ambiguous },
        { "list", """[{"Image":"a"}]""", Ambiguous },
        { "null", "null", Ambiguous },
        { "text", "\"a\"", Ambiguous },
        { "comment", """{"Image":"a"/**/}""", Ambiguous },
        { "trailing comma", """{"Image":"a",}""", Ambiguous },
        { "cut", """{"Image":"a" """, Ambiguous },
        { "raw line feed in text", "{\"Image\":\"a\n\"}", Ambiguous },
        { "white space alone", "  ", Ambiguous },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Bodies_have_one_reading_or_none(string name, string body, string expected) =>
        Assert.Equal((name, expected), (name, Asking.Describe(Asking.Create(body))));

    [Fact]
    public void The_image_text_is_kept_as_it_was() =>
        Assert.Equal("index.docker.io/library/a", Assert.IsType<CreateRequest>(Asking.Create("""{"Image":"index.docker.io/library/a"}""")).ImageText);

    [Theory]
    [InlineData("""{"image":"a"}""", "has the key image in its body, which engines read as Image; write Image")]
    [InlineData("""{"Image":"a","Labels":{"x":"1","x":"2"}}""", "has the key x more than once in one object of its body; send it once")]
    [InlineData("{\"Image\":\"a\",\"Ho\\u017ftConfig\":{}}", "has the key Ho\\u017ftConfig in its body, which engines read as HostConfig; write HostConfig")]
    public void Ambiguous_keys_are_named(string body, string problem) =>
        Assert.Equal("request POST /containers/create " + problem, Assert.IsType<RefusedRequest>(Asking.Create(body)).Message);

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused()
    {
        var body = Encoding.UTF8.GetBytes("""{"Image":"a","Labels":{"x":"?"}}""");
        body[^4] = 0xFF;
        var request = Asking.Request("POST", "/containers/create") with { Body = body };

        var refused = Assert.IsType<RefusedRequest>(EngineRequestReader.Read(request));
        Assert.Equal("request POST /containers/create has a body that is not UTF-8; correct it", refused.Message);
    }

    [Theory]
    [InlineData(JsonBody.MaxDepth - 1, "create docker.io/library/a")]
    [InlineData(JsonBody.MaxDepth, Ambiguous)]
    [InlineData(100_000, Ambiguous)]
    public void Depth_is_bounded(int depth, string expected) =>
        Assert.Equal(expected, Asking.Describe(Asking.Create($$"""{"Image":"a","New":{{new string('[', depth)}}{{new string(']', depth)}}}""")));

    [Fact]
    public void Length_is_bounded() =>
        Assert.Equal(Ambiguous, Asking.Describe(Asking.Create("""{"Image":"a"}""" + new string(' ', JsonBody.MaxLength))));

    [Fact]
    public void Every_field_of_the_table_refuses_its_look_alikes()
    {
        foreach (var body in new[] { Bodies.DockerCli, Bodies.DockerPy })
        {
            var keys = System.Text.RegularExpressions.Regex.Matches(body, "\"([A-Z][A-Za-z0-9]+)\":").Select(m => m.Groups[1].Value).Distinct();
            foreach (var key in keys.Where(k => k is not "Foo"))
            {
                var other = body.Replace($"\"{key}\":", $"\"{key.ToLowerInvariant()}\":", StringComparison.Ordinal);
                Assert.Equal((key, Ambiguous), (key, Asking.Describe(Asking.Create(other))));
            }
        }
    }
}
