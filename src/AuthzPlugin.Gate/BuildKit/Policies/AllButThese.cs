using System.Text;

namespace AuthzPlugin.Gate.BuildKit.Policies;

/// <summary>
/// A regular expression that matches every text except some: exact ones, and all that begin with certain words. BuildKit's rules have no
/// "except", and an ALLOW after a DENY would undo what a client's own policy denies; this needs one DENY and no ALLOW. Written in what Go's
/// engine and .NET's read alike; the tree of the texts makes it, so there is nothing to escape wrongly.
/// </summary>
internal sealed class AllButThese
{
    /// <summary>Longest exact text: Go refuses expressions that are nested more than a thousand deep, and each character is two.</summary>
    public const int LongestText = 400;

    private readonly SortedDictionary<char, AllButThese> _next = [];
    private bool _endsHere;
    private bool _anyFromHere;

    private AllButThese()
    {
    }

    /// <param name="texts">Printable ASCII, at most <see cref="LongestText"/> characters.</param>
    /// <param name="prefixes">Not empty.</param>
    public static string Pattern(IEnumerable<string> texts, IEnumerable<string> prefixes)
    {
        var root = new AllButThese();
        foreach (var text in texts)
        {
            root.At(text)._endsHere = true;
        }

        foreach (var prefix in prefixes)
        {
            root.At(prefix)._anyFromHere = true;
        }

        var pattern = new StringBuilder(@"\A");
        root.Write(pattern);
        return pattern.ToString();
    }

    /// <summary>A regular expression for this one text.</summary>
    public static string Exactly(string text)
    {
        var pattern = new StringBuilder(@"\A");
        foreach (var c in text)
        {
            Literal(pattern, c);
        }

        return pattern.Append(@"\z").ToString();
    }

    private AllButThese At(string text)
    {
        var node = this;
        foreach (var c in text)
        {
            if (c is < ' ' or > '~')
            {
                throw new ArgumentException("not printable ASCII", nameof(text));
            }

            if (!node._next.TryGetValue(c, out var child))
            {
                node._next[c] = child = new AllButThese();
            }

            node = child;
        }

        return node;
    }

    // What follows from here on if the text is none of these.
    private void Write(StringBuilder pattern)
    {
        pattern.Append("(?:");
        pattern.Append(_endsHere ? "" : @"\z|");
        if (_next.Count == 0)
        {
            pattern.Append("(?s:.)");
        }
        else
        {
            pattern.Append("[^");
            foreach (var c in _next.Keys)
            {
                Literal(pattern, c);
            }

            pattern.Append(']');
        }

        foreach (var (c, node) in _next.Where(n => !n.Value._anyFromHere))
        {
            Literal(pattern.Append('|'), c);
            node.Write(pattern);
        }

        pattern.Append(')');
    }

    private static void Literal(StringBuilder pattern, char c)
    {
        if (char.IsAsciiLetterOrDigit(c))
        {
            pattern.Append(c);
        }
        else
        {
            pattern.Append(@"\x").Append(((int)c).ToString("x2", System.Globalization.CultureInfo.InvariantCulture));
        }
    }
}
