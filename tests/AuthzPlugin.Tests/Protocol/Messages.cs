using System.Text;
using AuthzPlugin.Protocol;

namespace AuthzPlugin.Tests.Protocol;

public sealed class Messages
{
    [Fact]
    public void A_question_of_the_engine_is_read()
    {
        using var message = AuthZMessage.TryRead("""
            {"User":"ann","UserAuthNMethod":"TLS","RequestMethod":"POST","RequestUri":"/v1.41/containers/create?name=x","RequestBody":"e30=",
             "RequestHeaders":{"Content-Type":"application/json"},"RequestPeerCertificates":["x"],"Later":{"a":[1]}}
            """u8);
        var request = message!.ToRequest()!;
        Assert.Equal(("POST", "/v1.41/containers/create?name=x", "ann", "TLS"), (request.Method, request.Uri, request.User, request.AuthMethod));
        Assert.Equal("{}"u8.ToArray(), request.Body.ToArray());
        Assert.Equal("application/json", request.Headers["Content-Type"]);
    }

    [Fact]
    public void A_report_of_the_engine_is_read()
    {
        using var message = AuthZMessage.TryRead("""
            {"RequestMethod":"GET","RequestUri":"\/info","RequestBody":"e\u00330=","RequestHeaders":null,"User":null,"ResponseStatusCode":200,"ResponseBody":"e\u00330=","ResponseHeaders":{"a":"b"}}
            """u8)!;
        Assert.Equal(("/info", 200), (message.RequestUri, message.ResponseStatusCode));
        Assert.Equal("{}"u8.ToArray(), message.ResponseBody);
        Assert.Empty(message.ToRequest()!.Headers);
        Assert.Equal("{}"u8.ToArray(), message.ToRequest()!.Body.ToArray());
    }

    [Theory]
    [InlineData("empty", "")]
    [InlineData("the retry of a broken connection", "\n")]
    [InlineData("null", "null")]
    [InlineData("an array", "[]")]
    [InlineData("no method", """{"RequestUri":"/x"}""")]
    [InlineData("no target", """{"RequestMethod":"GET"}""")]
    [InlineData("two methods", """{"RequestMethod":"GET","RequestUri":"/x","RequestMethod":"POST"}""")]
    [InlineData("two bodies", """{"RequestMethod":"GET","RequestUri":"/x","RequestBody":"e30=","RequestBody":"e30="}""")]
    [InlineData("two headers of a name", """{"RequestMethod":"GET","RequestUri":"/x","RequestHeaders":{"A":"1","A":"2"}}""")]
    [InlineData("an escaped name twice", """{"RequestMethod":"GET","RequestUri":"/x","RequestMetho\u0064":"POST"}""")]
    [InlineData("a header that is no text", """{"RequestMethod":"GET","RequestUri":"/x","RequestHeaders":{"A":null}}""")]
    [InlineData("headers that are no object", """{"RequestMethod":"GET","RequestUri":"/x","RequestHeaders":["A"]}""")]
    [InlineData("a status that is no number", """{"RequestMethod":"GET","RequestUri":"/x","ResponseStatusCode":"200"}""")]
    [InlineData("a status that is no whole number", """{"RequestMethod":"GET","RequestUri":"/x","ResponseStatusCode":200.5}""")]
    [InlineData("a body that is an object", """{"RequestMethod":"GET","RequestUri":"/x","RequestBody":{}}""")]
    [InlineData("headers that do not end", """{"RequestMethod":"GET","RequestUri":"/x","RequestHeaders":{"A":"1" """)]
    [InlineData("a comment", """{"RequestMethod":"GET",/**/"RequestUri":"/x"}""")]
    [InlineData("wrong type", """{"RequestMethod":1,"RequestUri":"/x"}""")]
    [InlineData("a body that is half a character", """{"RequestMethod":"POST","RequestUri":"/x","RequestBody":"\ud800"}""")]
    [InlineData("body not base64", """{"RequestMethod":"POST","RequestUri":"/x","RequestBody":"%%%"}""")]
    [InlineData("cut off", """{"RequestMethod":"GET","RequestUri":"/x""")]
    [InlineData("trailing data", """{"RequestMethod":"GET","RequestUri":"/x"} {"RequestMethod":"POST"}""")]
    [InlineData("a header that is half a character", """{"RequestMethod":"GET","RequestUri":"/x","RequestHeaders":{"\ud800":"a"}}""")]
    [InlineData("a method that is half a character", """{"RequestMethod":"\udc00","RequestUri":"/x"}""")]
    [InlineData("too deep", """{"RequestMethod":"GET","RequestUri":"/x","a":[[[[[[[[[[1]]]]]]]]]]}""")]
    public void What_is_no_question_is_nothing(string row, string json)
    {
        Assert.True(AuthZMessage.TryRead(Encoding.UTF8.GetBytes(json))?.ToRequest() is null, row);
    }

    [Theory]
    [InlineData("""{"RequestMethod":"GET","RequestUri":"/images/json","ResponseBody":"AAAA""", true)]
    [InlineData("""{"User":"x","RequestMethod":"HEAD",""", true)]
    [InlineData("""{"RequestMethod":"POST","RequestUri":"/images/json" """, false)]
    [InlineData("""{"RequestMeth""", false)]
    [InlineData("""{"RequestHeaders":{"RequestMethod":"GET"},"RequestMethod":"POST",""", false)]
    [InlineData("""{"User":"{\"RequestMethod\":\"GET\"}","RequestMethod":"POST",""", false)]
    [InlineData("""{"RequestMethod":"\ud800",""", false)]
    [InlineData("""{"\ud800":"a",""", false)]
    [InlineData("not JSON", false)]
    public void The_beginning_of_a_report_shows_whether_it_is_about_a_read(string beginning, bool read) =>
        Assert.Equal(read, MessagePrefix.IsAboutRead(Encoding.UTF8.GetBytes(beginning)));

    [Fact]
    public async Task A_body_within_the_bound_is_read_whole()
    {
        var bytes = Encoding.UTF8.GetBytes(new string('x', 200_000));
        using var stream = new MemoryStream(bytes);
        using var body = await MessageBody.ReadAsync(stream, 200_000, null, CancellationToken.None);
        Assert.Equal(bytes, body!.Memory.ToArray());
    }

    [Fact]
    public async Task A_body_over_the_bound_is_drained_and_not_kept()
    {
        using var stream = new MemoryStream(new byte[1_000_000]);
        Assert.Null(await MessageBody.ReadAsync(stream, 999_999, null, CancellationToken.None));
        Assert.Equal(stream.Length, stream.Position);
    }
}
