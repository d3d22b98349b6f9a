using AuthzPlugin.Enforcement.EngineRequests;

namespace AuthzPlugin.Enforcement.Tests.EngineRequests;

/// <summary>Bodies and parameters that the engine uses and does not show (engine-authz.md 1.7, 2.2, section 8).</summary>
public sealed class HiddenBodyTests
{
    private const string Form = "Content-Type: application/x-www-form-urlencoded";

    public static TheoryData<string, string, string, string> Refused => new()
    {
        { "a: bad fragment in the query", "POST", "/v1.41/services/create?a#%zz", "Content-Type: application/json|Content-Length: 40" },
        { "a: fragment on a create", "POST", "/v1.41/containers/create?a#x", "Content-Type: application/json|Content-Length: 40" },
        { "b: service with another type", "POST", "/v1.41/services/create", "Content-Type: text/plain|Content-Length: 40" },
        { "b: plugin pull with another type", "POST", "/v1.41/plugins/pull?remote=a", "Content-Type: text/plain|Content-Length: 40" },
        { "c: form on a pull", "POST", "/images/create?fromImage=good&tag=1", Form + "|Content-Length: 20" },
        { "c: form on a tag", "POST", "/images/x/tag?repo=good", Form + "|Content-Length: 9" },
        { "c: form on a start", "POST", "/containers/x/start", Form + "|Content-Length: 12" },
        { "c: form on a rename", "POST", "/containers/x/rename?name=a", Form + "|Content-Length: 6" },
        { "c: form on a commit", "POST", "/commit?container=a&repo=b", Form + "|Content-Length: 6" },
        { "c: form on a push", "POST", "/images/x/push?tag=a", Form },
        { "c: form on a load", "POST", "/images/load", Form },
        { "c: form on an import", "POST", "/images/create?fromSrc=-", Form },
        { "c: form on a build", "POST", "/build?t=a", Form + "|Content-Length: 10" },
        { "d: multipart on a pull", "POST", "/images/create?fromImage=good&tag=1", "Content-Type: multipart/form-data; boundary=x|Content-Length: 90" },
        { "d: multipart on a build", "POST", "/build", "Content-Type: multipart/form-data; boundary=x" },
        { "e: two types, JSON last, chunked", "POST", "/images/create?fromImage=good&tag=1", "Content-Type: application/json" },
        { "e: two types, plain last, chunked", "POST", "/images/create?fromImage=good&tag=1", "Content-Type: text/plain" },
        { "e: two types, tar last, chunked", "POST", "/images/create?fromImage=good&tag=1", "Content-Type: application/x-tar" },
        { "e: two types, tar last, import by URL", "POST", "/images/create?fromSrc=http://h/x", "Content-Type: application/x-tar" },
        { "e: two types on a start", "POST", "/containers/x/start", "Content-Type: application/json" },
        { "e: last type empty", "POST", "/images/create?fromImage=good&tag=1", "Content-Type: " },
        { "f: malformed parameter", "POST", "/images/load", Form + "; =" },
        { "f: malformed parameter behind a good type", "POST", "/images/load", "Content-Type: text/plain; =" },
        { "f: other spelling of a good type", "POST", "/images/load", "Content-Type: Application/X-Tar" },
        { "g: no length, some type", "POST", "/images/x/tag?repo=a", "Content-Type: text/plain" },
        { "create without a body", "POST", "/containers/create", "Content-Length: 0" },
        { "create without anything", "POST", "/containers/create", "" },
        { "create, body of 1.1 MB", "POST", "/containers/create", "Content-Type: application/json|Content-Length: 1100036" },
        { "create, chunked on an old engine", "POST", "/containers/create", "Content-Type: application/json" },
        { "create, ?x=/auth on an old engine", "POST", "/containers/create?x=/auth", "Content-Type: application/json|Content-Length: 40" },
        { "create, text", "POST", "/containers/create", "Content-Type: text/plain|Content-Length: 40" },
        { "update without a body", "POST", "/containers/x/update", "Content-Length: 0" },
        { "update, hidden", "POST", "/containers/x/update", "Content-Type: application/json" },
        { "checkpoint, hidden", "POST", "/containers/x/checkpoints", "Content-Type: application/json" },
        { "length of other spelling", "POST", "/containers/x/start", "Content-Length: 00|Content-Type: text/plain" },
        { "length twice in two spellings", "POST", "/containers/x/start", "Content-Length: 0|content-length: 12|Content-Type: text/plain" },
        { "type twice in two spellings", "POST", "/images/load", "Content-Type: text/plain|content-type: application/x-www-form-urlencoded" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_may_hide_something_that_decides_is_refused(string name, string method, string uri, string headers) =>
        Assert.Equal((name, "refused hidden-or-ambiguous"), (name, Asking.Describe(Asking.Read(method, uri, headers))));

    [Theory]
    [InlineData("Content-Type: application/json|Content-Length: 1100036", "has a body of 1100036 bytes, and this engine shows plugins only bodies under 1 MiB; make it smaller")]
    [InlineData("Content-Type: application/json", "has a body that the engine does not show to plugins; send it with its Content-Length")]
    [InlineData("Content-Type: text/pl\u00e4in|Content-Length: 5", "has a body that is not sent as JSON (text/pl\\u00e4in), which the engine does not show to plugins; send it with")]
    [InlineData("Content-Length: 5", "has a body that is not sent as JSON (no Content-Type)")]
    [InlineData("Content-Length: 0", "has no body, and everything it asks for belongs there; send a JSON body")]
    public void A_withheld_body_is_explained(string headers, string expected)
    {
        var refused = Assert.IsType<RefusedRequest>(Asking.Read("POST", "/containers/create", headers));

        Assert.StartsWith("request POST /containers/create " + expected, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/containers/x/exec", "Content-Type: application/json|Content-Length: 1100036")]
    [InlineData("/configs/create", "Content-Type: application/json|Content-Length: 1100036")]
    [InlineData("/networks/create", "Content-Type: application/json")]
    [InlineData("/containers/x/stop", Form)]
    [InlineData("/volumes/create", "Content-Type: text/plain|Content-Length: 10")]
    public void A_hidden_body_that_decides_nothing_does_not_matter(string uri, string headers) =>
        Assert.Equal("no image", Asking.Describe(Asking.Read("POST", uri, headers)));

    [Theory]
    [InlineData("/containers/x/start")]
    [InlineData("/images/x/tag?repo=a")]
    [InlineData("/images/create?fromImage=alpine&tag=1")]
    public void A_body_without_any_type_is_no_form_to_Go(string uri) =>
        Assert.IsNotType<RefusedRequest>(Asking.Read("POST", uri, "Content-Length: 12"));

    [Fact]
    public void Auth_may_hide_its_body_but_what_only_looks_like_it_is_unknown()
    {
        Assert.Equal("no image", Asking.Describe(Asking.Read("POST", "/v1.41/auth?x=1", "Content-Type: application/json|Content-Length: 9")));
        Assert.Equal("refused unknown-endpoint", Asking.Describe(Asking.Read("POST", "/authenticate", "Content-Type: application/json")));
        Assert.Equal("refused unknown-endpoint", Asking.Describe(Asking.Read("POST", "/auth/", "Content-Type: application/json")));
    }
}
