using System.Net.Http.Headers;

namespace AuthzPlugin.Enforcement.TrustData.Tokens;

/// <summary>One challenge of a WWW-Authenticate header (RFC 9110 11.6.1): scheme and parameter names in lower case.</summary>
internal sealed record Challenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    public static Challenge From(AuthenticationHeaderValue header) =>
        new(header.Scheme.ToLowerInvariant(), ReadParameters(header.Parameter ?? ""));

    private static Dictionary<string, string> ReadParameters(string text)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var at = 0; at < text.Length;)
        {
            var equals = text.IndexOf('=', at);
            if (equals < 0)
            {
                break;
            }

            var name = text[at..equals].Trim(' ', '\t', ',').ToLowerInvariant();
            at = equals + 1;
            parameters[name] = at < text.Length && text[at] == '"' ? Quoted(text, ref at) : Token(text, ref at);
        }

        return parameters;
    }

    private static string Quoted(string text, ref int at)
    {
        var value = new System.Text.StringBuilder();
        for (at++; at < text.Length && text[at] != '"'; at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length)
            {
                at++;
            }

            value.Append(text[at]);
        }

        at = Math.Min(at + 1, text.Length);
        return value.ToString();
    }

    private static string Token(string text, ref int at)
    {
        var start = at;
        var end = text.IndexOf(',', at);
        at = end < 0 ? text.Length : end;
        return text[start..at].Trim();
    }
}
