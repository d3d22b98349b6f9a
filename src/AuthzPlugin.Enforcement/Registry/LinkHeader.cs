namespace AuthzPlugin.Enforcement.Registry;

/// <summary>The Link header (RFC 8288) of a list that goes on.</summary>
internal static class LinkHeader
{
    /// <summary>The target of the first link with <c>rel="next"</c>, or null.</summary>
    public static string? Next(string? header)
    {
        foreach (var link in (header ?? "").Split(','))
        {
            var (open, close) = (link.IndexOf('<', StringComparison.Ordinal), link.IndexOf('>', StringComparison.Ordinal));
            if (open < 0 || close < open)
            {
                continue;
            }

            var parameters = link[(close + 1)..].Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (parameters.Any(p => p.Replace(" ", "", StringComparison.Ordinal) is "rel=\"next\"" or "rel=next"))
            {
                return link[(open + 1)..close];
            }
        }

        return null;
    }
}
