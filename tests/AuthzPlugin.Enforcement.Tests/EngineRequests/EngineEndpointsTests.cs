using AuthzPlugin.Enforcement.EngineRequests;

namespace AuthzPlugin.Enforcement.Tests.EngineRequests;

public sealed class EngineEndpointsTests
{
    public static TheoryData<string, string> Changes()
    {
        var rows = new TheoryData<string, string>();
        foreach (var (method, path) in EngineRoutes.All.Where(r => r.Method is not ("GET" or "HEAD" or "OPTIONS")))
        {
            rows.Add(method, path);
        }

        return rows;
    }

    [Fact]
    public void The_table_has_the_routes_of_the_engines_and_no_others()
    {
        // /debug/pprof/{name} covers the named profiles.
        var engine = EngineRoutes.All.Where(r => !r.Path.StartsWith("/debug/pprof/", StringComparison.Ordinal));
        var table = EngineEndpoints.All.Select(e => (e.Method, e.Path)).Where(r => !r.Path.StartsWith("/debug/pprof/", StringComparison.Ordinal));

        Assert.Equal(engine.Order(), table.Order());
    }

    [Fact]
    public void No_route_stands_twice() =>
        Assert.Equal(EngineEndpoints.All.Count, EngineEndpoints.All.Select(e => e.Name).Distinct(StringComparer.Ordinal).Count());

    [Theory]
    [MemberData(nameof(Changes))]
    public void Every_route_that_changes_something_is_found_with_and_without_a_version(string method, string path)
    {
        var concrete = path.Replace("{name:.*}", "n", StringComparison.Ordinal).Replace("{id:.*}", "n", StringComparison.Ordinal)
            .Replace("{name}", "n", StringComparison.Ordinal).Replace("{id}", "n", StringComparison.Ordinal).Replace("{checkpoint}", "c", StringComparison.Ordinal);

        foreach (var uri in new[] { concrete, "/v1.24" + concrete, "/v1.55" + concrete, "http://h" + concrete })
        {
            var result = Asking.Read(method, uri);
            Assert.NotEqual("refused unknown-endpoint", Asking.Describe(result));
            Assert.Equal($"{method} {path.Replace(":.*", "", StringComparison.Ordinal)}", result.Endpoint);
        }
    }

    [Theory]
    [InlineData("POST", "/x")]
    [InlineData("POST", "/v1.60/images/verify")]
    [InlineData("PATCH", "/containers/create")]
    [InlineData("CONNECT", "/containers/create")]
    [InlineData("TRACE", "/info")]
    [InlineData("", "/info")]
    [InlineData("get", "/info")]
    [InlineData("post", "/containers/create")]
    [InlineData("PUT", "/containers/create")]
    public void What_the_table_does_not_know_is_refused(string method, string uri)
    {
        var result = Asking.Read(method, uri);

        var refused = Assert.IsType<RefusedRequest>(result);
        Assert.Equal("refused unknown-endpoint", Asking.Describe(refused));
        Assert.Equal($"this plugin version does not know {method} {uri}; upgrade content-trust, or check method and path", refused.Message);
    }
}
