using System.Text;
using AuthzPlugin.Gate.Proxy;

namespace AuthzPlugin.Gate.Tests.Proxy;

/// <summary>What the parser takes it writes again; what servers read in two ways it refuses.</summary>
public sealed class HeadParserTests
{
    private static RequestHead Parse(string text) => HeadParser.ParseRequest(Encoding.Latin1.GetBytes(text));

    public static TheoryData<string, string> Refused => new()
    {
        { "bare LF after the request line", "GET / HTTP/1.1\nHost: d\r\n\r\n" },
        { "bare LF after a header", "GET / HTTP/1.1\r\nHost: d\n\r\n" },
        { "bare CR in a value", "GET / HTTP/1.1\r\nHost: d\rX: y\r\n\r\n" },
        { "empty line first", "\r\nGET / HTTP/1.1\r\nHost: d\r\n\r\n" },
        { "folded header", "GET / HTTP/1.1\r\nHost: d\r\nX: a\r\n b\r\n\r\n" },
        { "white space before the colon", "GET / HTTP/1.1\r\nHost: d\r\nContent-Length : 5\r\n\r\n" },
        { "no name", "GET / HTTP/1.1\r\nHost: d\r\n: a\r\n\r\n" },
        { "no colon", "GET / HTTP/1.1\r\nHost: d\r\nX\r\n\r\n" },
        { "NUL in a value", "GET / HTTP/1.1\r\nHost: d\r\nX: a\0b\r\n\r\n" },
        { "two lengths that agree", "POST / HTTP/1.1\r\nHost: d\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n" },
        { "two lengths that do not", "POST / HTTP/1.1\r\nHost: d\r\nContent-Length: 5\r\ncontent-length: 6\r\n\r\n" },
        { "a list of lengths", "POST / HTTP/1.1\r\nHost: d\r\nContent-Length: 5, 5\r\n\r\n" },
        { "length with a sign", "POST / HTTP/1.1\r\nHost: d\r\nContent-Length: +5\r\n\r\n" },
        { "empty length", "POST / HTTP/1.1\r\nHost: d\r\nContent-Length:\r\n\r\n" },
        { "length beyond 64 bits", "POST / HTTP/1.1\r\nHost: d\r\nContent-Length: 99999999999999999999\r\n\r\n" },
        { "length and chunked", "POST / HTTP/1.1\r\nHost: d\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" },
        { "two codings", "POST / HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: gzip, chunked\r\n\r\n" },
        { "identity", "POST / HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: identity\r\n\r\n" },
        { "chunked in quotes", "POST / HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: \"chunked\"\r\n\r\n" },
        { "chunked twice", "POST / HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" },
        { "no host", "GET / HTTP/1.1\r\nX: d\r\n\r\n" },
        { "two hosts", "GET / HTTP/1.1\r\nHost: d\r\nHost: e\r\n\r\n" },
        { "two types", "POST / HTTP/1.1\r\nHost: d\r\nContent-Type: application/x-tar\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n" },
        { "two upgrades", "POST / HTTP/1.1\r\nHost: d\r\nConnection: upgrade\r\nUpgrade: tcp\r\nUpgrade: h2c\r\n\r\n" },
        { "two logins", "POST / HTTP/1.1\r\nHost: d\r\nX-Registry-Auth: a\r\nX-Registry-Auth: b\r\n\r\n" },
        { "upgrade without connection", "POST / HTTP/1.1\r\nHost: d\r\nUpgrade: tcp\r\n\r\n" },
        { "upgrade with a chunked body", "POST / HTTP/1.1\r\nHost: d\r\nConnection: upgrade\r\nUpgrade: tcp\r\nTransfer-Encoding: chunked\r\n\r\n" },
        { "HTTP/1.0", "GET / HTTP/1.0\r\nHost: d\r\n\r\n" },
        { "HTTP/1.10", "GET / HTTP/1.10\r\nHost: d\r\n\r\n" },
        { "no version", "GET /\r\nHost: d\r\n\r\n" },
        { "two spaces", "GET  / HTTP/1.1\r\nHost: d\r\n\r\n" },
        { "tab in the request line", "GET\t/ HTTP/1.1\r\nHost: d\r\n\r\n" },
        { "space in the target", "GET /a b HTTP/1.1\r\nHost: d\r\n\r\n" },
        { "byte above ASCII in the target", "GET /\u00e9 HTTP/1.1\r\nHost: d\r\n\r\n" },
        { "lower-case method", "get / HTTP/1.1\r\nHost: d\r\n\r\n" },
        { "CONNECT", "CONNECT d:80 HTTP/1.1\r\nHost: d\r\n\r\n" },
        { "authority form", "GET d:80 HTTP/1.1\r\nHost: d\r\n\r\n" },
        { "HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" },
        { "another expectation", "POST / HTTP/1.1\r\nHost: d\r\nExpect: 200-ok\r\n\r\n" },
        { "too many headers", "GET / HTTP/1.1\r\nHost: d\r\n" + string.Concat(Enumerable.Repeat("A: b\r\n", WireLimits.Headers)) + "\r\n" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_two_servers_could_read_differently_is_refused(string name, string head)
    {
        var problem = Assert.Throws<WireException>(() => Parse(head));

        Assert.True(problem.Message.All(c => c is >= ' ' and <= '~') && problem.Status is >= 400 and < 600, name);
    }

    public static TheoryData<string, string, BodyFramingKind> Taken => new()
    {
        { "ping", "GET /_ping HTTP/1.1\r\nHost: docker\r\nUser-Agent: Docker-Client/20.10\r\n\r\n", BodyFramingKind.None },
        { "empty host", "GET /_ping HTTP/1.1\r\nHost: \r\n\r\n", BodyFramingKind.None },
        { "absolute form", "GET http://d/_ping HTTP/1.1\r\nHost: d\r\n\r\n", BodyFramingKind.None },
        { "length", "POST /x HTTP/1.1\r\nHost: d\r\nContent-Length: 12\r\n\r\n", BodyFramingKind.Length },
        { "length 0", "POST /x HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\n\r\n", BodyFramingKind.None },
        { "chunked", "POST /x HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: Chunked\r\n\r\n", BodyFramingKind.Chunked },
        { "bytes above ASCII in a value", "GET / HTTP/1.1\r\nHost: d\r\nX: \u00e9\u00ff\r\n\r\n", BodyFramingKind.None },
        { "repeated other headers", "GET / HTTP/1.1\r\nHost: d\r\nAccept: a\r\nAccept: b\r\n\r\n", BodyFramingKind.None },
        { "attach", "POST /c/attach HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n", BodyFramingKind.None },
    };

    [Theory]
    [MemberData(nameof(Taken))]
    public void What_clients_send_is_taken_and_written_again_byte_for_byte(string name, string head, BodyFramingKind framing)
    {
        var parsed = Parse(head);

        Assert.Equal(framing, parsed.Framing.Kind);
        Assert.True(head == Encoding.Latin1.GetString(parsed.ToBytes()), name);
    }

    [Fact]
    public void Whatever_random_edits_make_of_a_head_is_refused_or_written_again_to_the_same_meaning()
    {
        var random = new Random(20261);
        byte[][] seeds = [.. Taken.Select(row => Encoding.Latin1.GetBytes((string)row[1]))];
        string[] pieces = ["\r\n", "\n", "\r", " ", "\t", ":", "\0", "chunked", "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", ",", "HTTP/1.1"];
        var taken = 0;
        for (var i = 0; i < 50_000; i++)
        {
            var text = Encoding.Latin1.GetString(seeds[random.Next(seeds.Length)]);
            for (var edits = random.Next(1, 4); edits > 0; edits--)
            {
                var at = random.Next(text.Length);
                text = text[..at] + pieces[random.Next(pieces.Length)] + text[Math.Min(text.Length, at + random.Next(3))..];
            }

            try
            {
                var head = Parse(text + "\r\n\r\n");
                Assert.Equal(head.ToBytes(), HeadParser.ParseRequest(head.ToBytes()).ToBytes());
                Assert.True(head.Headers.CountOf("Content-Length") + head.Headers.CountOf("Transfer-Encoding") <= 1, text);
                taken++;
            }
            catch (WireException)
            {
                // Refused: that is the other legal outcome.
            }
        }

        Assert.InRange(taken, 1000, 49_000);
    }
}
