using AuthzPlugin.Enforcement.EngineRequests;

namespace AuthzPlugin.Enforcement.Tests.EngineRequests;

/// <summary>How targets are spelled (rule R5, engine-authz.md 2.4, section 8).</summary>
public sealed class TargetTests
{
    private const string Ambiguous = "refused hidden-or-ambiguous";
    private const string Unknown = "refused unknown-endpoint";

    public static TheoryData<string, string, string> Starts => new()
    {
        { "plain", "/containers/a/start", "Start a" },
        { "version", "/v1.41/containers/a/start", "Start a" },
        { "odd versions that the engine takes", "/v1.00041/containers/a/start", "Start a" },
        { "three parts", "/v1.41.0/containers/a/start", "Start a" },
        { "two dots", "/v1..41/containers/a/start", "Start a" },
        { "absolute form", "http://any/containers/a/start", "Start a" },
        { "absolute form, https, port, version", "https://u@h:1/v1.41/containers/a/start?t=1", "Start a" },
        { "a name with slashes, as links have", "/containers/a/b/start", "Start a/b" },
        { "harmless escape", "/containers/%61/start", "Start a" },
        { "empty query", "/containers/a/start?", "Start a" },
        { "unknown parameters", "/containers/a/start?x=1&y", "Start a" },
        { "an empty checkpoint", "/containers/a/start?checkpoint=&checkpoint-dir=", "Start a" },
        { "escaped version", "/v1%2E41%2Fcontainers%2Fa%2Fstart", Ambiguous },
        { "escaped slash in a name", "/containers/a%2Fb/start", Ambiguous },
        { "escaped dot in a name", "/containers/a%2eb/start", Ambiguous },
        { "escaped twice", "/containers/%2561/start", Ambiguous },
        { "double slash in front", "//containers/a/start", Ambiguous },
        { "double slash inside", "/containers//start", Ambiguous },
        { "dot segment", "/./containers/a/start", Ambiguous },
        { "dot dot segment", "/x/../containers/a/start", Ambiguous },
        { "escaped dot dot segment", "/%763/../containers%2Fa/start", Ambiguous },
        { "dot at the end", "/containers/a/start/.", Ambiguous },
        { "dot dot at the end", "/containers/a/start/..", Ambiguous },
        { "trailing slash", "/containers/a/start/", Unknown },
        { "two versions", "/v1.41/v1.41/containers/a/start", Unknown },
        { "version without digits", "/v/containers/a/start", Unknown },
        { "version with a letter", "/v1.41x/containers/a/start", Unknown },
        { "Arabic digits", "/v١/containers/a/start", Ambiguous },
        { "upper case", "/Containers/a/start", Unknown },
        { "fragment", "/containers/a/start#x", Ambiguous },
        { "escaped fragment", "/containers/a%23/start", "Start a#" },
        { "backslash", "/containers\\a/start", Ambiguous },
        { "escaped backslash", "/containers/%5Ca/start", Ambiguous },
        { "semicolon in the query", "/containers/a/start?x=1;checkpoint=a", Ambiguous },
        { "line feed in the name", "/containers/a%0A/start", Ambiguous },
        { "line feed at the end", "/containers/a/start%0A", Ambiguous },
        { "nul", "/containers/a%00/start", Ambiguous },
        { "delete", "/containers/a%7F/start", Ambiguous },
        { "next line (C1)", "/containers/a%C2%85/start", Ambiguous },
        { "space", "/containers/a%20/start", Ambiguous },
        { "accented letter", "/containers/%C3%A9/start", Ambiguous },
        { "raw accented letter", "/containers/\u00e9/start", Ambiguous },
        { "replacement character", "/containers/\ufffd/start", Ambiguous },
        { "not UTF-8", "/containers/%FF/start", Ambiguous },
        { "overlong slash", "/containers/a%C0%AFb/start", Ambiguous },
        { "surrogate", "/containers/%ED%A0%80/start", Ambiguous },
        { "invalid escape", "/containers/a%zz/start", Ambiguous },
        { "cut escape", "/containers/a/start?x=%4", Ambiguous },
        { "raw space", "/containers/a b/start", Ambiguous },
        { "raw control character", "/containers/a\t/start", Ambiguous },
        { "relative", "containers/a/start", Ambiguous },
        { "empty", "", Ambiguous },
        { "asterisk", "*", Ambiguous },
        { "opaque", "foo:bar", Ambiguous },
        { "scheme without a host", "http:/containers/a/start", Ambiguous },
        { "other scheme", "x://h/containers/a/start", Ambiguous },
        { "host alone", "http://h", Ambiguous },
        { "query in the host", "http://h?/containers/a/start", Ambiguous },
        { "a parameter twice", "/containers/a/start?t=1&t=2", Ambiguous },
        { "a parameter twice, once escaped", "/containers/a/start?t=1&%74=2", Ambiguous },
        { "a parameter that is not UTF-8", "/containers/a/start?t=%FF", Ambiguous },
        { "no name", "/containers/start", Unknown },
    };

    [Theory]
    [MemberData(nameof(Starts))]
    public void Targets_have_one_reading_or_none(string name, string uri, string expected) =>
        Assert.Equal((name, expected), (name, Asking.Describe(Asking.Read("POST", uri))));

    [Theory]
    [InlineData("/v1.00041/containers/create")]
    [InlineData("/v1.41.0/containers/create")]
    [InlineData("http://h/containers/create")]
    public void Odd_spellings_that_the_engine_executes_are_creates(string uri) =>
        Assert.Equal("create docker.io/library/a", Asking.Describe(Asking.Json("POST", uri, """{"Image":"a"}""")));

    [Theory]
    [InlineData("/networks/my%20net", "no image")]
    [InlineData("/networks/caf%C3%A9", "no image")]
    [InlineData("/networks/a%2Fb", "no image")]
    [InlineData("/images/alpine%40sha256:00", "no image")]
    [InlineData("/networks/a%0Ab", Ambiguous)]
    [InlineData("/networks/", Unknown)]
    public void Names_are_free_where_nothing_depends_on_them(string uri, string expected) =>
        Assert.Equal(expected, Asking.Describe(Asking.Read("DELETE", uri)));

    [Theory]
    [InlineData("/containers/json?all=1&all=0;x#y")]
    [InlineData("//images/json")]
    [InlineData("/brand/new/endpoint")]
    [InlineData("/images/%zz/json")]
    [InlineData("*")]
    [InlineData("")]
    [InlineData("\ufffd\0")]
    public void Reads_get_the_leniency_of_the_engine(string uri)
    {
        foreach (var method in new[] { "GET", "HEAD", "OPTIONS" })
        {
            Assert.IsType<ReadRequest>(Asking.Read(method, uri, "Content-Type: application/x-www-form-urlencoded"));
        }
    }

    [Theory]
    [InlineData("GET", "/v1.41/containers/a/json", "GET /containers/{name}/json")]
    [InlineData("GET", "/brand/new", "GET (unknown)")]
    [InlineData("OPTIONS", "/anything", "OPTIONS /{anyroute}")]
    public void Reads_are_recorded_by_their_row(string method, string uri, string endpoint) =>
        Assert.Equal(endpoint, Asking.Read(method, uri).Endpoint);

    [Fact]
    public void More_parameters_than_any_client_sends_are_refused()
    {
        var query = string.Join('&', Enumerable.Range(0, QueryParameters.MaxCount).Select(i => $"k{i}="));

        Assert.Equal("Start a", Asking.Describe(Asking.Read("POST", "/containers/a/start?" + query)));
        Assert.Equal(Ambiguous, Asking.Describe(Asking.Read("POST", "/containers/a/start?x&" + query)));
        Assert.Equal(Ambiguous, Asking.Describe(Asking.Read("POST", "/containers/a/start?" + new string('x', RequestTarget.MaxLength))));
    }
}
