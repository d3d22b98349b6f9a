namespace AuthzPlugin.Trust.Notation;

/// <summary>A registry scope: a host, perhaps with a port, and a repository, fully written out (trust-store-trust-policy.md).</summary>
internal static class RegistryScope
{
    internal static bool IsValid(string scope)
    {
        var slash = scope.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && IsHost(scope[..slash]) && scope[(slash + 1)..].Split('/').All(IsComponent);
    }

    private static bool IsHost(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return (colon < 0 || (colon + 1 < text.Length && text.AsSpan(colon + 1).IndexOfAnyExceptInRange('0', '9') < 0))
            && (colon < 0 ? text : text[..colon]).Split('.').All(IsLabel);
    }

    private static bool IsLabel(string text) =>
        text.Length > 0 && text[0] != '-' && text[^1] != '-' && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    // Letters and digits, between them one of: a dot, one or two underscores, any number of hyphens.
    private static bool IsComponent(string text)
    {
        static bool IsWord(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c);
        if (text.Length == 0 || !IsWord(text[0]) || !IsWord(text[^1]))
        {
            return false;
        }

        for (var i = 0; i < text.Length;)
        {
            var start = i;
            while (!IsWord(text[i]))
            {
                i++;
            }

            if (i > start && text[start..i] is not ("." or "_" or "__") && text.AsSpan(start, i - start).ContainsAnyExcept('-'))
            {
                return false;
            }

            i++;
        }

        return true;
    }
}
