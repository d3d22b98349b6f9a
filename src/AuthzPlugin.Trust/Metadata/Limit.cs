namespace AuthzPlugin.Trust.Metadata;

/// <summary>Counts against a limit.</summary>
internal static class Limit
{
    /// <exception cref="FormatException"><paramref name="count"/> are there already and one more comes.</exception>
    internal static void Check(int count, int limit, string what)
    {
        if (count >= limit)
        {
            throw new FormatException($"it has more than {limit} {what}");
        }
    }
}
