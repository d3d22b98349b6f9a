using System.Text;

namespace AuthzPlugin.Gate.Dockerfiles;

/// <summary>Splits the words of ARG, whose quotes and escapes stay for <see cref="WordExpansion"/>.</summary>
internal static class ArgumentWords
{
    public static IReadOnlyList<string> Split(string text, char escape)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var quote = '\0';
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quote == '\0' && char.IsWhiteSpace(c))
            {
                EndWord(words, word);
                continue;
            }

            if (c == escape && quote != '\'')
            {
                // At the end it escapes nothing and is dropped.
                if (i + 1 < text.Length)
                {
                    word.Append(c).Append(text[++i]);
                }

                continue;
            }

            if (quote == '\0' && c is '\'' or '"')
            {
                quote = c;
            }
            else if (c == quote)
            {
                quote = '\0';
            }

            word.Append(c);
        }

        EndWord(words, word);
        return words;
    }

    private static void EndWord(List<string> words, StringBuilder word)
    {
        if (word.Length > 0)
        {
            words.Add(word.ToString());
        }

        word.Clear();
    }
}
