using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Gate.ClassicBuilds;

namespace AuthzPlugin.Gate.Tests.ClassicBuilds;

/// <summary>What the query of a build says about what it begins from.</summary>
public sealed class RequestsForBuilds
{
    private const string OfTheCommandLine =
        "buildargs=%7B%22A%22%3A%22b%22%2C%22N%22%3Anull%7D&cachefrom=%5B%5D&cgroupparent=&cpuperiod=0&cpuquota=0&cpusetcpus=&cpusetmems=&cpushares=0&dockerfile=Dockerfile"
        + "&labels=%7B%7D&memory=0&memswap=0&networkmode=default&rm=1&shmsize=0&t=a&t=b&target=x&ulimits=null&version=1&platform=linux%2Famd64&q=1&nocache=1&pull=1&extrahosts=a%3A1";

    [Fact]
    public void The_command_lines_own_is_read()
    {
        var query = Read(OfTheCommandLine, out var problem)!;
        Assert.Null(problem);
        Assert.Equal("b", Assert.Single(query.BuildArgs).Value);
        Assert.Equal(("Dockerfile", "linux/amd64", false, false, false), (query.Dockerfile, query.Platform, query.IsRemote, query.HasCacheFrom, query.IsSquashed));
    }

    [Fact]
    public void Nothing_is_the_default()
    {
        var query = Read("", out _)!;
        Assert.Equal(("", "", false, false, false, 0), (query.Dockerfile, query.Platform, query.IsRemote, query.HasCacheFrom, query.IsSquashed, query.BuildArgs.Count));
    }

    [Theory]
    [InlineData("remote=client-session", true, false)]
    [InlineData("remote=https%3A%2F%2Fexample.com%2Fx.git", true, false)]
    [InlineData("cachefrom=%5B%22evil%22%5D", false, true)]
    [InlineData("cachefrom=oops", false, true)]
    public void What_comes_from_elsewhere_is_seen(string text, bool remote, bool cache)
    {
        var query = Read(text, out _)!;
        Assert.Equal((remote, cache), (query.IsRemote, query.HasCacheFrom));
    }

    [Theory]
    [InlineData("frontend=x", "the parameter frontend")]
    [InlineData("Dockerfile=x", "the parameter Dockerfile")]
    [InlineData("session=x", "the parameter session")]
    [InlineData("outputs=x", "the parameter outputs")]
    [InlineData("version=2", "not for the classic builder")]
    [InlineData("version=1.0", "not for the classic builder")]
    [InlineData("buildargs=%5B%5D", "build arguments")]
    [InlineData("buildargs=%7B%22A%22%3A1%7D", "build arguments")]
    [InlineData("buildargs=%7B%22A%22%3A%22a%22%2C%22A%22%3A%22b%22%7D", "build arguments")]
    [InlineData("buildargs=%7B%22A%22%3A%22a%22%2C%22%5Cu0041%22%3A%22b%22%7D", "build arguments")]
    [InlineData("buildargs=x", "build arguments")]
    public void What_is_not_known_is_refused(string text, string part)
    {
        Assert.Null(Read(text, out var problem));
        Assert.Contains(part, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1.41/build", "/v1.41/build?nocache=1")]
    [InlineData("/build?t=a", "/build?t=a&nocache=1")]
    [InlineData("/build?nocache=0&t=a&t=b", "/build?t=a&t=b&nocache=1")]
    [InlineData("/build?%6eocache&t=a%26nocache", "/build?t=a%26nocache&nocache=1")]
    public void A_build_that_is_remembered_uses_no_cache(string target, string expected) => Assert.Equal(expected, BuildTarget.WithoutCache(target));

    [Theory]
    [InlineData("COPY a /b", null)]
    [InlineData("COPY --from=build /a /b", null)]
    [InlineData("COPY --from=BUILD /a /b", null)]
    [InlineData("COPY --from=0 /a /b", null)]
    [InlineData("RUN x \\", null)]
    [InlineData("COPY --from=evil /a /b", "the image evil")]
    [InlineData("RUN --mount=type=bind,from=evil,target=/x y", "the image evil")]
    [InlineData("ADD --from=evil /a /b", "the image evil")]
    [InlineData("FROM evil", "the image evil")]
    [InlineData("COPY --from=$X /a /b", "cannot be resolved")]
    [InlineData("RUN a\nCOPY --from=evil / /", "not one plain instruction")]
    [InlineData("# escape=`", "not one plain instruction")]
    [InlineData("NOTHING", "unknown instruction")]
    public void A_trigger_takes_files_from_stages_only(string trigger, string? problem)
    {
        var found = OnBuildTrigger.FindProblem(trigger, new HashSet<string>(["build"], StringComparer.OrdinalIgnoreCase));
        Assert.True(problem is null ? found is null : found?.Contains(problem, StringComparison.Ordinal) == true, found);
    }

    private static BuildQuery? Read(string text, out string? problem)
    {
        Assert.True(QueryParameters.TryParse(text, ["t", "securityopt", "extrahosts"], out var query, out _));
        return BuildQuery.Read(query, out problem);
    }
}
