using System.Buffers;
using System.Globalization;
using System.Text;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Gate.Proxy;

/// <summary>
/// Reads heads of HTTP/1.1. Of a request it takes only what every server reads in the same way: what Go's server would repair, merge or
/// choose from is refused, so that the gate and the engine never see two different requests.
/// </summary>
internal static class HeadParser
{
    /// <summary>Fields that the engine uses one value of. Two of them, and somebody must choose.</summary>
    private static readonly string[] Single =
    [
        "Host", "Content-Length", "Content-Type", "Content-Encoding", "Transfer-Encoding", "Connection", "Upgrade", "Expect", "Trailer",
        "X-Registry-Auth", "X-Registry-Config",
    ];

    private static readonly SearchValues<byte> TokenBytes = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    // Control characters but the tab (RFC 9110 5.5).
    private static readonly SearchValues<byte> ValueControls = SearchValues.Create([.. Enumerable.Range(0, 32).Select(b => (byte)b).Where(b => b != '\t'), 127]);

    /// <param name="head">From the first byte to the empty line, both included.</param>
    /// <exception cref="WireException">It is refused.</exception>
    public static RequestHead ParseRequest(ReadOnlySpan<byte> head)
    {
        var (method, target) = ParseRequestLine(NextLine(ref head));
        var headers = ParseHeaders(head);
        if (Single.FirstOrDefault(name => headers.CountOf(name) > 1) is { } twice)
        {
            throw new WireException($"has the header {twice} more than once");
        }

        // RFC 9112 3.2; Go answers 400, too.
        Require(headers["Host"] is not null, "has no Host header");
        CheckFraming(headers);
        CheckHopByHop(headers);
        return new RequestHead(method, target, headers);
    }

    /// <exception cref="WireException">No answer of an HTTP/1.1 server.</exception>
    public static ResponseHead ParseResponse(ReadOnlySpan<byte> head)
    {
        const int StatusDigits = 3;
        var line = NextLine(ref head);
        Require(line.StartsWith("HTTP/1.1 "u8) || line.StartsWith("HTTP/1.0 "u8), "does not begin with HTTP/1.1");
        line = line["HTTP/1.1 ".Length..];
        Require(
            line.Length >= StatusDigits && !line[..StatusDigits].ContainsAnyExceptInRange((byte)'0', (byte)'9')
            && (line.Length == StatusDigits || line[StatusDigits] == ' ') && line.IndexOfAny(ValueControls) < 0,
            "has no status");
        var status = int.Parse(line[..StatusDigits], NumberStyles.None, CultureInfo.InvariantCulture);
        var headers = ParseHeaders(head);
        Require(headers.CountOf("Content-Length") < 2 && headers.CountOf("Transfer-Encoding") < 2, "has its length twice");
        CheckFraming(headers);
        return new ResponseHead(status, line.Length > StatusDigits ? Text(line[(StatusDigits + 1)..]) : "", headers);
    }

    private static (string Method, string Target) ParseRequestLine(ReadOnlySpan<byte> line)
    {
        var first = line.IndexOf((byte)' ');
        var last = line.LastIndexOf((byte)' ');
        Require(first > 0 && last > first + 1, "has no request line of method, target and version");
        var method = line[..first];
        var target = line[(first + 1)..last];
        var version = line[(last + 1)..];
        if (method.SequenceEqual("PRI"u8))
        {
            throw new WireException(
                "speaks HTTP/2 from its first byte, in which builds could pass unseen; use HTTP/1.1, as docker build and buildx do", 505);
        }

        Require(!method.ContainsAnyExceptInRange((byte)'A', (byte)'Z'), "has a method that is not of upper-case letters");
        Require(!method.SequenceEqual("CONNECT"u8), "asks for a tunnel with CONNECT, which no engine has");
        Require(!target.ContainsAnyExceptInRange((byte)'!', (byte)'~'), "has characters in its target that are not printable ASCII");
        Require(target[0] == '/' || target.StartsWith("http://"u8) || target.StartsWith("https://"u8) || target.SequenceEqual("*"u8),
            "has a target that is neither a path nor a URL");
        if (!version.SequenceEqual("HTTP/1.1"u8))
        {
            throw new WireException($"is not HTTP/1.1 but {UntrustedText.Escape(Text(version))}", 505);
        }

        return (Text(method), Text(target));
    }

    private static HeaderFields ParseHeaders(ReadOnlySpan<byte> rest)
    {
        var fields = new List<HeaderField>();
        while (true)
        {
            var line = NextLine(ref rest);
            if (line.IsEmpty)
            {
                return new HeaderFields(fields);
            }

            Require(fields.Count < WireLimits.Headers, "has too many headers");
            fields.Add(ParseField(line));
        }
    }

    private static HeaderField ParseField(ReadOnlySpan<byte> line)
    {
        Require(line.Length <= WireLimits.HeaderLineBytes, "has a header that is too long");
        Require(line[0] is not ((byte)' ' or (byte)'\t'), "has a header that goes on in a second line");
        var colon = line.IndexOf((byte)':');
        Require(colon > 0 && line[..colon].IndexOfAnyExcept(TokenBytes) < 0, "has a header whose name is none");
        var value = line[(colon + 1)..].Trim(" \t"u8);
        Require(value.IndexOfAny(ValueControls) < 0, "has a control character in a header");
        return new HeaderField(Text(line[..colon]), Text(value));
    }

    private static void CheckFraming(HeaderFields headers)
    {
        var length = headers["Content-Length"];
        var coding = headers["Transfer-Encoding"];
        Require(length is null || coding is null, "has both Content-Length and Transfer-Encoding");
        Require(coding is null || coding.Equals("chunked", StringComparison.OrdinalIgnoreCase), "has a Transfer-Encoding other than chunked");
        Require(
            length is null || (length.Length is > 0 and <= WireLimits.ContentLengthDigits && length.All(char.IsAsciiDigit)),
            "has a Content-Length that is no number");
    }

    private static void CheckHopByHop(HeaderFields headers)
    {
        if (headers["Expect"] is { } expect && !expect.Equals("100-continue", StringComparison.OrdinalIgnoreCase))
        {
            throw new WireException("expects something other than 100-continue", 417);
        }

        var upgrades = headers["Upgrade"] is not null;
        Require(upgrades == headers.HasToken("Connection", "upgrade"), "asks for an upgrade in only one of Connection and Upgrade");
        Require(!upgrades || headers["Transfer-Encoding"] is null, "asks for an upgrade with a chunked body");
    }

    /// <summary>The text before the next CR LF, which is consumed. The callers made sure that one is there.</summary>
    private static ReadOnlySpan<byte> NextLine(ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)'\n');
        Require(end > 0 && rest[end - 1] == '\r', "has a line that does not end in CR LF");
        var line = rest[..(end - 1)];
        Require(line.IndexOf((byte)'\r') < 0, "has a line that does not end in CR LF");
        rest = rest[(end + 1)..];
        return line;
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    private static void Require(bool held, string problem)
    {
        if (!held)
        {
            throw new WireException(problem);
        }
    }
}
