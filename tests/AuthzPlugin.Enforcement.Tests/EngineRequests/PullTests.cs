using AuthzPlugin.Enforcement.EngineRequests;

namespace AuthzPlugin.Enforcement.Tests.EngineRequests;

/// <summary>What <c>POST /images/create</c> makes of its parameters (engine-authz.md section 3, rows 1 and 2).</summary>
public sealed class PullTests
{
    private const string D = "sha256:" + Asking.A64;
    private const string Ambiguous = "refused hidden-or-ambiguous";
    private const string Bad = "refused bad-reference";

    public static TheoryData<string, string, string> Queries => new()
    {
        { "name and tag", "fromImage=alpine&tag=3", "pull docker.io/library/alpine:3" },
        { "tag in the name", "fromImage=alpine:3", "pull docker.io/library/alpine:3" },
        { "the tag parameter wins", "fromImage=foo:good&tag=evil", "pull docker.io/library/foo:evil" },
        { "digest in the name", $"fromImage=foo@{D}", $"pull docker.io/library/foo@{D}" },
        { "digest in the name and a tag", $"fromImage=foo@{D}&tag=x", $"pull docker.io/library/foo:x@{D}" },
        { "tag and digest in the name", $"fromImage=foo:y@{D}&tag=x", $"pull docker.io/library/foo:x@{D}" },
        { "a digest as tag drops the tag", $"fromImage=foo:t&tag={D}", $"pull docker.io/library/foo@{D}" },
        { "a digest as tag drops the digest", $"fromImage=foo@sha256:{new string('b', 64)}&tag={D}", $"pull docker.io/library/foo@{D}" },
        { "escaped digest as tag", $"fromImage=foo&tag=sha256%3A{Asking.A64}", $"pull docker.io/library/foo@{D}" },
        { "trailing colon and a tag", "fromImage=foo:&tag=1", "pull docker.io/library/foo:1" },
        { "trailing colon behind a tag", "fromImage=foo:bar:", "pull docker.io/library/foo:bar" },
        { "registry with a port", "fromImage=localhost:5000/a/b&tag=1", "pull localhost:5000/a/b:1" },
        { "escaped key", "%66romImage=alpine&%74ag=3", "pull docker.io/library/alpine:3" },
        { "empty import source", "fromImage=alpine&tag=3&fromSrc=", "pull docker.io/library/alpine:3" },
        { "keys of other case are nothing", "fromImage=alpine&tag=3&FromImage=evil&TAG=x", "pull docker.io/library/alpine:3" },
        { "platform", "fromImage=alpine&tag=3&platform=linux/amd64", "pull docker.io/library/alpine:3" },
        { "short id with a tag is a name", "fromImage=deadbeef&tag=1", "pull docker.io/library/deadbeef:1" },
        { "all tags", "fromImage=alpine", "refused all-tags" },
        { "all tags, colon", "fromImage=alpine:", "refused all-tags" },
        { "all tags, empty tag", "fromImage=alpine&tag=", "refused all-tags" },
        { "two colons", "fromImage=alpine::", Bad },
        { "only a colon", "fromImage=:&tag=1", Bad },
        { "plus is a space", "fromImage=al+pine&tag=3", Bad },
        { "upper case", "fromImage=Alpine&tag=3", Bad },
        { "image id", $"fromImage={Asking.A64}&tag=3", Bad },
        { "bad tag", "fromImage=alpine&tag=-x", Bad },
        { "line feed behind the tag", "fromImage=alpine&tag=3%0A", Bad },
        { "sha512 as tag", $"fromImage=alpine&tag=sha512:{Asking.A64}{Asking.A64}", Bad },
        { "upper-case digest as tag", $"fromImage=alpine&tag=sha256:{new string('A', 64)}", Bad },
        { "neither", "tag=3", Bad },
        { "empty image", "fromImage=&tag=3", Bad },
        { "fromImage twice", "fromImage=good&fromImage=evil&tag=1", Ambiguous },
        { "fromImage twice, once escaped", "fromImage=good&%66romImage=evil&tag=1", Ambiguous },
        { "tag twice", "fromImage=good&tag=1&tag=2", Ambiguous },
        { "semicolon", "fromImage=good&tag=1;fromImage=evil", Ambiguous },
        { "pull and import at once", "fromImage=good&tag=1&fromSrc=-", Ambiguous },
        { "import from a URL", "fromSrc=http%3A%2F%2Fh%2Fx&repo=a&tag=1", "no image" },
        { "import of nothing", "fromSrc=-&changes=A&changes=B&repo=a", "no image" },
    };

    [Theory]
    [MemberData(nameof(Queries))]
    public void The_parameters_are_put_together_as_the_engine_does(string name, string query, string expected) =>
        Assert.Equal((name, expected), (name, Asking.Describe(Asking.Read("POST", "/v1.41/images/create?" + query))));

    [Theory]
    [InlineData("fromImage=alpine", "alpine names every tag of docker.io/library/alpine; name a tag, such as docker.io/library/alpine:latest")]
    [InlineData("fromImage=Alpine&tag=3", "Alpine with tag 3 is not a valid image reference (repository names are lower case); correct the image name")]
    [InlineData("fromImage=al%C3%A9&tag=3", "al\\u00e9 with tag 3 is not a valid image reference; correct the image name")]
    [InlineData("tag=3", "request POST /images/create names no image in its query; add fromImage=NAME&tag=TAG, or fromSrc to import")]
    public void Refusals_say_what_to_do(string query, string message) =>
        Assert.Equal(message, Assert.IsType<RefusedRequest>(Asking.Read("POST", "/images/create?" + query)).Message);

    [Fact]
    public void A_pull_takes_no_tar_stream_and_an_import_does()
    {
        Assert.Equal(Ambiguous, Asking.Describe(Asking.Read("POST", "/images/create?fromImage=a&tag=1", "Content-Type: application/x-tar")));
        Assert.Equal("no image", Asking.Describe(Asking.Read("POST", "/images/create?fromSrc=-", "Content-Type: application/x-tar")));
    }
}
