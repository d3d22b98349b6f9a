using System.Text;
using Microsoft.AspNetCore.Http;

namespace AuthzPlugin.Testing.Notary;

/// <summary>Challenges and the token endpoint of the simulator.</summary>
internal static class TokenServer
{
    public static bool IsAccepted(HttpContext context, TokenRules rules)
    {
        var header = context.Request.Headers.Authorization.ToString();
        lock (rules.Valid)
        {
            return rules.Scheme == "Basic"
                ? header == Basic(rules)
                : !rules.TokensAreUseless && header.StartsWith("Bearer ", StringComparison.Ordinal) && rules.Valid.Contains(header["Bearer ".Length..]);
        }
    }

    public static void Challenge(HttpContext context, TokenRules rules, Uri url, bool isPing)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        if (isPing || !rules.ChallengeOnlyAtPing)
        {
            context.Response.Headers.WWWAuthenticate = rules.Scheme == "Basic"
                ? "Basic realm=\"notary\""
                : $"Bearer realm=\"{rules.Realm ?? new Uri(url, "/token").ToString()}\",service=\"a \\\"quoted\\\" service\",scope=\"ignored\"";
        }
    }

    public static async Task TokenAsync(HttpContext context, TokenRules rules)
    {
        var authorization = context.Request.Headers.Authorization.ToString();
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync() : null;
        var parameters = form is null
            ? context.Request.QueryString.Value ?? ""
            : string.Join('&', form.Select(f => $"{f.Key}={f.Value}"));
        lock (rules.Requests)
        {
            rules.Requests.Add((context.Request.Method, parameters, authorization.Length == 0 ? null : authorization));
        }

        var isKnown = rules.IdentityToken is { } identity
            ? form?["refresh_token"].ToString() == identity
            : rules.Username is null || authorization == Basic(rules);
        context.Response.StatusCode = rules.TokenStatus ?? (isKnown ? StatusCodes.Status200OK : StatusCodes.Status401Unauthorized);
        if (context.Response.StatusCode == StatusCodes.Status200OK)
        {
            await context.Response.WriteAsync(rules.TokenBody ?? NewToken(rules));
        }
    }

    private static string NewToken(TokenRules rules)
    {
        var token = Guid.NewGuid().ToString("N");
        lock (rules.Valid)
        {
            rules.Valid.Add(token);
        }

        return $$"""{"token":"{{token}}","expires_in":{{rules.ExpiresIn}}}""";
    }

    private static string Basic(TokenRules rules) =>
        "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{rules.Username}:{rules.Password}"));
}
