using System.Text;

namespace AuthzPlugin.Gate.Dockerfiles;

/// <summary>
/// Splits text into words as builders do to find here-documents: no variable has a value, the escape character is always the
/// backslash. A text that the builder could not split has no words.
/// </summary>
internal sealed class ShellLexer(string text, bool raw)
{
    private readonly List<string> _words = [];
    private readonly StringBuilder _word = new();
    private bool _inWord;
    private int _at;

    /// <param name="text">One byte in each character.</param>
    /// <param name="raw">Whether quotes and escapes stay in the words.</param>
    public static IReadOnlyList<string> Split(string text, bool raw)
    {
        var lexer = new ShellLexer(text, raw);
        return lexer.Run() ? lexer._words : [];
    }

    private bool Run()
    {
        while (_at < text.Length)
        {
            var read = text[_at] switch
            {
                '\'' => SingleQuoted(),
                '"' => DoubleQuoted(),
                '<' => Redirection(),
                '\\' => Escaped(),
                _ => Plain(),
            };
            if (!read)
            {
                return false;
            }
        }

        EndWord();
        return true;
    }

    private bool Plain()
    {
        var next = GoSpace.Skip(text, _at, text.Length);
        if (next > _at)
        {
            _at = next;
            EndWord();
            return true;
        }

        Add(text[_at++]);
        return true;
    }

    private bool Escaped()
    {
        if (raw)
        {
            Add('\\');
        }

        if (++_at < text.Length)
        {
            Add(text[_at++]);
        }

        return true;
    }

    private bool Redirection()
    {
        Add(text[_at++]);
        if (_at == text.Length || text[_at] != '<')
        {
            return true;
        }

        Add(text[_at++]);
        while (_at < text.Length && text[_at] is '\t' or '\r' or ' ')
        {
            Add(text[_at++]);
        }

        return true;
    }

    private bool SingleQuoted()
    {
        var end = text.IndexOf('\'', _at + 1);
        if (end < 0)
        {
            return false;
        }

        _inWord = true;
        _word.Append(raw ? text.AsSpan(_at, end + 1 - _at) : text.AsSpan(_at + 1, end - _at - 1));
        _at = end + 1;
        return true;
    }

    private bool DoubleQuoted()
    {
        _inWord = true;
        AddIfRaw(text[_at++]);
        while (_at < text.Length)
        {
            var c = text[_at++];
            if (c == '"')
            {
                AddIfRaw(c);
                return true;
            }

            if (c == '\\' && _at < text.Length && text[_at] is '"' or '$' or '\\')
            {
                AddIfRaw(c);
                c = text[_at++];
            }

            Add(c);
        }

        return false;
    }

    private void Add(char c)
    {
        _inWord = true;
        _word.Append(c);
    }

    private void AddIfRaw(char c)
    {
        if (raw)
        {
            _word.Append(c);
        }
    }

    private void EndWord()
    {
        if (_inWord && _word.Length > 0)
        {
            _words.Add(_word.ToString());
        }

        _word.Clear();
        _inWord = false;
    }
}
