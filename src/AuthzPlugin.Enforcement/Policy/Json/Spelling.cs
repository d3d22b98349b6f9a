namespace AuthzPlugin.Enforcement.Policy.Json;

/// <summary>Finds the word that a typo was meant to be.</summary>
internal static class Spelling
{
    /// <summary>Longest word that is compared; longer ones are no typos.</summary>
    private const int MaxLength = 64;

    /// <summary>
    /// The letters and digits alone, in lower case. U+017F and U+212A count as s and k, as Go's encoding/json has it,
    /// which is how the engine reads its keys.
    /// </summary>
    public static string Normalize(string word) =>
        string.Concat(word.Select(c => c switch
        {
            '\u017F' => "s",
            '\u212A' => "k",
            _ when char.IsAsciiLetterOrDigit(c) => char.ToLowerInvariant(c).ToString(),
            _ when c > '~' => c.ToString(),
            _ => "",
        }));

    /// <summary>
    /// Equal but for case, dashes, underscores and the like; or containing the other; or at most <paramref name="distance"/>
    /// edits away.
    /// </summary>
    public static bool Resembles(string word, string other, int distance)
    {
        if (word.Length > MaxLength)
        {
            return false;
        }

        var (a, b) = (Normalize(word), Normalize(other));
        return a.Contains(b, StringComparison.Ordinal) || Distance(a, b) <= distance;
    }

    /// <summary>The nearest of the words when it is near enough to be meant: a third of its letters may be wrong.</summary>
    public static string? Nearest(string word, IEnumerable<string> words)
    {
        if (word.Length > MaxLength)
        {
            return null;
        }

        var typed = Normalize(word);
        var best = words.Select(w => (Word: w, Distance: Distance(typed, Normalize(w)))).OrderBy(w => w.Distance).FirstOrDefault();
        return best.Word is not null && best.Distance <= Math.Max(1, best.Word.Length / 3) ? best.Word : null;
    }

    /// <summary>Edits from one to the other: insert, delete, replace, or swap two neighbours (optimal string alignment).</summary>
    public static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                d[i, j] = i == 0 || j == 0 ? i + j : Step(d, a, b, i, j);
            }
        }

        return d[a.Length, b.Length];
    }

    private static int Step(int[,] d, string a, string b, int i, int j)
    {
        var replace = d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
        var best = Math.Min(replace, Math.Min(d[i - 1, j], d[i, j - 1]) + 1);
        var swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
        return swapped ? Math.Min(best, d[i - 2, j - 2] + 1) : best;
    }
}
