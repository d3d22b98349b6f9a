namespace AuthzPlugin.Testing.Notary;

/// <summary>How the simulator asks for a login.</summary>
public sealed class TokenRules
{
    /// <summary><c>Bearer</c> (default), <c>Basic</c>, or null for a 401 without a challenge on metadata (there is one at /v2/).</summary>
    public string Scheme { get; set; } = "Bearer";

    /// <summary>Only <c>/v2/</c> has the challenge.</summary>
    public bool ChallengeOnlyAtPing { get; set; }

    /// <summary>Another realm than the simulator's own <c>/token</c>.</summary>
    public string? Realm { get; set; }

    /// <summary>The only accepted user; null: everybody gets a token without a login.</summary>
    public string? Username { get; set; }

    public string? Password { get; set; }

    public string? IdentityToken { get; set; }

    /// <summary>Life of tokens, in seconds, as the answer says.</summary>
    public int ExpiresIn { get; set; } = 300;

    /// <summary>Tokens are given out but not accepted.</summary>
    public bool TokensAreUseless { get; set; }

    /// <summary>A status of the token server instead of a token.</summary>
    public int? TokenStatus { get; set; }

    /// <summary>Body of the token server's answer instead of a token.</summary>
    public string? TokenBody { get; set; }

    /// <summary>Token requests so far: method, query or form, and Authorization header.</summary>
    public List<(string Method, string Parameters, string? Authorization)> Requests { get; } = [];

    /// <summary>Tokens that were given out.</summary>
    public IReadOnlyList<string> Given
    {
        get
        {
            lock (Valid)
            {
                return [.. Valid];
            }
        }
    }

    internal HashSet<string> Valid { get; } = [];
}
