using System.Globalization;
using System.IO.Compression;
using System.Text;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Testing.Http;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.Tests.TrustData;

/// <summary>
/// Servers that are slow, broken or hostile below HTTP: each way has its own reason and message, ends in time, and leaves nothing on disk.
/// TLS and DNS failures stand in ServerCertificateTests and MessageTests.
/// </summary>
public sealed class HostileServerTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\n";
    private const string Timeout = "did not answer in 0.4 s";
    private const string NotHttp = "does not answer in valid HTTP";
    private const string Interrupted = "ended the connection before the answer was complete";

    private static readonly TimeSpan NoPause = TimeSpan.Zero;
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(30);

    private static readonly Dictionary<string, (Func<RawServer> Server, string Fault, string Message)> Table = new()
    {
        ["slow-loris in the status line"] = (() => RawServer.Sending(Slow, Bytes(Ok)), "TimedOut", Timeout),
        ["slow-loris in the headers"] = (() => RawServer.Sending(Slow, Forever("X: y\r\n", after: Ok)), "TimedOut", Timeout),
        ["slow-loris in the body"] = (() => RawServer.Sending(Slow, Forever("{", after: Ok + "Content-Length: 900\r\n\r\n")), "TimedOut", Timeout),
        ["slow-loris in chunks"] = (() => RawServer.Sending(Slow, Forever("1\r\n{\r\n", after: Ok + "Transfer-Encoding: chunked\r\n\r\n")), "TimedOut", Timeout),
        ["nothing"] = (() => RawServer.Sending(TimeSpan.FromSeconds(30), "x"), "TimedOut", Timeout),
        ["interim answers without end"] = (() => RawServer.Sending(Slow, Forever("HTTP/1.1 100 Continue\r\n\r\n")), "TimedOut", Timeout),
        ["an endless body"] = (() => RawServer.Sending(NoPause, Forever(new string('0', 65536), after: Ok + "\r\n")), "TooLarge", "sends a root file of more than 5242880 bytes"),
        ["endless chunks"] = (() => RawServer.Sending(NoPause, Forever("10000\r\n" + new string('0', 65536) + "\r\n", after: Ok + "Transfer-Encoding: chunked\r\n\r\n")), "TooLarge", "sends a root file of more than 5242880 bytes"),
        ["a Content-Length of an exabyte"] = (() => Sending(Ok + "Content-Length: 1152921504606846976\r\n\r\n{}"), "TooLarge", "sends a root file of more than 5242880 bytes"),
        ["headers without end"] = (() => RawServer.Sending(NoPause, Forever("X: " + new string('y', 1000) + "\r\n", after: Ok)), "Protocol", NotHttp),
        ["a Content-Length that is too long"] = (() => Sending(Ok + "Content-Length: 100\r\n\r\n{}"), "Unreachable", Interrupted),
        ["a Content-Length that is too short"] = (() => Sending(Ok + "Content-Length: 1\r\n\r\n{}"), "Malformed", "root metadata is not well formed: it is not JSON"),
        ["a negative Content-Length"] = (() => Sending(Ok + "Content-Length: -1\r\n\r\n{}"), "Malformed", "root metadata is not well formed: it has no signed"),
        ["a Content-Length that is no number"] = (() => Sending(Ok + "Content-Length: 0x2\r\n\r\n{}"), "Malformed", "root metadata is not well formed: it has no signed"),
        ["a chunk of no size"] = (() => Sending(Ok + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"), "Protocol", NotHttp),
        ["chunks that end early"] = (() => Sending(Ok + "Transfer-Encoding: chunked\r\n\r\n5\r\n{}"), "Unreachable", Interrupted),
        ["something else than HTTP"] = (() => Sending("SSH-2.0-OpenSSH_9.2\r\n"), "Protocol", NotHttp),
        ["nothing and the end"] = (() => Sending(""), "Unreachable", Interrupted),
        ["HTTP 0.9"] = (() => Sending("{}"), "Unreachable", Interrupted),
        ["a body that is packed"] = (Gzip, "Malformed", "root metadata is not well formed: it is not UTF-8"),
        ["204"] = (() => Sending("HTTP/1.1 204 No Content\r\n\r\n"), "Protocol", "answers with the unexpected status 204"),
        ["206"] = (() => Sending("HTTP/1.1 206 Partial Content\r\nContent-Length: 2\r\n\r\n{}"), "Protocol", "answers with the unexpected status 206"),
        ["304"] = (() => Sending("HTTP/1.1 304 Not Modified\r\n\r\n"), "Protocol", "answers with a redirect (304), which a trust server must not"),
        ["418"] = (() => Sending("HTTP/1.1 418 Teapot\r\nContent-Length: 0\r\n\r\n"), "Protocol", "answers with the unexpected status 418"),
        ["429"] = (() => Sending("HTTP/1.1 429 Slow Down\r\nRetry-After: 99999999\r\nContent-Length: 0\r\n\r\n"), "TooManyRequests", "refuses more requests for now (429)"),
        ["500"] = (() => Sending("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"), "ServerError", "has a fault of its own (500)"),
        ["599"] = (() => Sending("HTTP/1.1 599 No\r\nContent-Length: 0\r\n\r\n"), "ServerError", "has a fault of its own (599)"),
        ["401 without a challenge, again and again"] = (() => Sending("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"), "LoginNeeded", "asks for a login and the plugin has none"),
        ["401 Basic, again and again"] = (() => Sending("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n"), "LoginNeeded", "asks for a login and the plugin has none"),
        ["401 with a scheme that nobody knows"] = (() => Sending("HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n"), "LoginNeeded", "asks for a login and the plugin has none"),
        ["403"] = (() => Sending("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"), "LoginNeeded", "asks for a login and the plugin has none"),
    };

    public static TheoryData<string> Rows() => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_server_that_sends(string row)
    {
        var (start, fault, message) = Table[row];
        await using var server = start();
        await using var lab = await TrustDataLab.StartAsync();
        Ask(lab, server.Url, requestTimeout: fault == "TimedOut" ? 400 : 60_000);

        var e = await lab.FailAsync();

        Assert.True(AvailabilityTests.FaultOf(e) == fault, $"expected {fault}: {AvailabilityTests.FaultOf(e)}: {e.Message}");
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.All(e.Message, c => Assert.InRange(c, ' ', '~'));
        // .NET's client repeats a request three times when the connection ends before the first byte of an answer, which keep-alive needs.
        Assert.InRange(server.Requests.Count, 1, row == "nothing and the end" ? 4 : 2);
        Assert.Equal("", lab.Disk());
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_not_followed(int status)
    {
        await using var target = Sending(Ok + "Content-Length: 2\r\n\r\n{}");
        await using var server = Sending(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} Moved\r\nLocation: {target.Url}x\r\nContent-Length: 0\r\n\r\n"));
        await using var lab = await TrustDataLab.StartAsync();
        Ask(lab, server.Url);

        var e = await lab.FailAsync();

        Assert.Contains($"answers with a redirect ({status}), which a trust server must not", e.Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
        Assert.Empty(target.Requests);
    }

    [Fact]
    public async Task No_packed_answers_are_asked_for()
    {
        await using var server = Gzip();
        await using var lab = await TrustDataLab.StartAsync();
        Ask(lab, server.Url);

        await lab.FailAsync();

        Assert.DoesNotContain("Accept-Encoding", Assert.Single(server.Requests), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_TLS_handshake_that_never_ends_has_the_budget_of_a_connection()
    {
        await using var server = RawServer.Sending(TimeSpan.FromSeconds(30), "x");
        await using var lab = await TrustDataLab.StartAsync();
        lab.Options = lab.Options with { ConnectTimeout = TimeSpan.FromMilliseconds(300) };
        Ask(lab, new UriBuilder(server.Url) { Scheme = "https" }.Uri);

        var e = Assert.IsType<TransportException>(await lab.FailAsync());

        Assert.Equal(TransportFault.TimedOut, e.Fault);
        Assert.Contains("did not accept a connection in 0.3 s", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_TLS_handshake_that_is_cut_off_is_a_TLS_fault()
    {
        await using var server = Sending("\u0015\u0003\u0003\u0000\u0002\u0002\u0028");
        await using var lab = await TrustDataLab.StartAsync();
        Ask(lab, new UriBuilder(server.Url) { Scheme = "https" }.Uri);

        var e = Assert.IsType<TransportException>(await lab.FailAsync());

        Assert.Equal(TransportFault.Tls, e.Fault);
        Assert.Contains("the TLS connection to trust server", e.Message, StringComparison.Ordinal);
    }

    // By default long enough for five megabytes on a busy machine; short where the time itself is the matter.
    private static void Ask(TrustDataLab lab, Uri url, int requestTimeout = 60_000)
    {
        lab.Options = lab.Options with { RequestTimeout = TimeSpan.FromMilliseconds(requestTimeout) };
        lab.Restart();
        lab.Change = p => p with { TrustServers = new TrustServers([KeyValuePair.Create("registry.example.com", url)]) };
    }

    private static RawServer Sending(string text) => RawServer.Sending(NoPause, text);

    private static RawServer Gzip()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write("{}"u8);
        }

        var head = string.Create(CultureInfo.InvariantCulture, $"{Ok}Content-Encoding: gzip\r\nContent-Length: {packed.Length}\r\n\r\n");
        return Sending(head + Encoding.Latin1.GetString(packed.ToArray()));
    }

    private static IEnumerable<string> Bytes(string text) => text.Concat(new string(' ', 1000)).Select(c => c.ToString());

    // An iterator and no collection expression: [x, .. Forever()] would gather all of it first.
    private static IEnumerable<string> Forever(string text, string after = "")
    {
        yield return after;
        while (true)
        {
            yield return text;
        }
    }
}
