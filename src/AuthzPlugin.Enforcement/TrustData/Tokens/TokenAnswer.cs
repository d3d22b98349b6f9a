using System.Globalization;
using System.Text.Json;

namespace AuthzPlugin.Enforcement.TrustData.Tokens;

/// <summary>What a token server gave.</summary>
internal sealed record TokenAnswer(string Token, DateTimeOffset ExpiresAt)
{
    // distribution, auth/session.go: a shorter life is read as 60 s.
    private const int MinimumSeconds = 60;
    private const int MaximumSeconds = 24 * 60 * 60;

    /// <summary>Reads the answer (distribution token specification); null when there is no token in it.</summary>
    public static TokenAnswer? Parse(byte[] body, DateTimeOffset now)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 16 });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            var token = Text(root, "access_token") ?? Text(root, "token");
            return token is null || token.Any(c => c is < '!' or > '~')
                ? null
                : new TokenAnswer(token, Issued(root, now).AddSeconds(Life(root)));
        }
        catch (JsonException)
        {
            // Not JSON: the caller reports it as an answer without a token.
            return null;
        }
    }

    // An issue time in the future would make the token live too long.
    private static DateTimeOffset Issued(JsonElement root, DateTimeOffset now) =>
        DateTimeOffset.TryParse(Text(root, "issued_at"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var issued) && issued < now
            ? issued
            : now;

    private static int Life(JsonElement root) =>
        root.TryGetProperty("expires_in", out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var seconds)
            ? Math.Clamp(seconds, MinimumSeconds, MaximumSeconds)
            : MinimumSeconds;

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text
            ? text
            : null;
}
