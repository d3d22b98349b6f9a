using System.Text;

namespace AuthzPlugin.Gate.Dockerfiles;

/// <summary>
/// Expands a word as the builders do: quotes, the escape character, <c>$X</c>, <c>${X}</c> and the forms with <c>-</c>, <c>+</c> and
/// <c>?</c>, with and without colon. What else is written with a dollar sign is unresolvable here.
/// </summary>
internal sealed class WordExpansion(string word, char escape, Func<string, ArgumentValue?> lookUp)
{
    /// <summary>Longest result, in characters: arguments that hold arguments would grow without bound.</summary>
    public const int MaxLength = 4096;

    private const int MaxDepth = 16;

    private int _at;
    private int _depth;

    /// <returns>The value, or why there is none.</returns>
    public static ArgumentValue Expand(string word, char escape, Func<string, ArgumentValue?> lookUp)
    {
        try
        {
            return ArgumentValue.Of(new WordExpansion(word, escape, lookUp).Until('\0'));
        }
        catch (UnresolvableException e)
        {
            return ArgumentValue.Unresolvable(e.Message);
        }
    }

    private string Until(char stop)
    {
        if (++_depth > MaxDepth)
        {
            throw new UnresolvableException("its variables are nested too deeply");
        }

        var result = new StringBuilder();
        while (_at < word.Length && (stop == '\0' || word[_at] != stop))
        {
            Add(result, Piece());
        }

        if (stop != '\0')
        {
            Expect(stop);
        }

        _depth--;
        return result.ToString();
    }

    private string Piece()
    {
        var c = word[_at];
        switch (c)
        {
            case '\'':
                return SingleQuoted();
            case '"':
                return DoubleQuoted();
            case '$':
                return Variable();
            default:
                _at++;
                if (c != escape)
                {
                    return c.ToString();
                }

                return _at < word.Length ? word[_at++].ToString() : "";
        }
    }

    private string SingleQuoted()
    {
        var end = word.IndexOf('\'', _at + 1);
        if (end < 0)
        {
            throw new UnresolvableException("a single quote does not end");
        }

        var result = word[(_at + 1)..end];
        _at = end + 1;
        return result;
    }

    private string DoubleQuoted()
    {
        var result = new StringBuilder();
        _at++;
        while (_at < word.Length)
        {
            var c = word[_at];
            if (c == '"')
            {
                _at++;
                return result.ToString();
            }

            if (c == '$')
            {
                Add(result, Variable());
                continue;
            }

            _at++;
            if (c == escape && _at < word.Length && (word[_at] is '"' or '$' || word[_at] == escape))
            {
                c = word[_at++];
            }

            result.Append(c);
        }

        throw new UnresolvableException("a double quote does not end");
    }

    private string Variable()
    {
        _at++;
        if (_at < word.Length && word[_at] == '{')
        {
            _at++;
            return Braced();
        }

        // A special parameter ($@, $1) is an argument nobody can declare: builders put nothing there. Not worth being right about.
        var name = Name();
        return name.Length > 0 ? Value(name) ?? "" : throw new UnresolvableException("a dollar sign stands without a variable's name");
    }

    private string Braced()
    {
        var name = Name();
        if (name.Length == 0 || _at == word.Length)
        {
            throw new UnresolvableException("a variable in braces has no name or no end");
        }

        var colon = word[_at] == ':';
        if (colon)
        {
            _at++;
        }

        var modifier = _at < word.Length ? word[_at++] : '\0';
        if (modifier == '}' && !colon)
        {
            return Value(name) ?? "";
        }

        if (modifier is not ('-' or '+' or '?'))
        {
            throw new UnresolvableException($"the form of variable {name} is not one that this gate resolves (only ${{X}}, -, + and ?)");
        }

        var other = Until('}');
        var value = Value(name);
        var isSet = value is not null && !(colon && value.Length == 0);
        return (modifier, isSet) switch
        {
            ('+', true) => other,
            ('+', false) => "",
            ('-', false) => other,
            ('?', false) => throw new UnresolvableException($"variable {name} must have a value and has none"),
            _ => value!,
        };
    }

    private string Name()
    {
        var start = _at;
        while (_at < word.Length && (char.IsAsciiLetterOrDigit(word[_at]) || word[_at] == '_'))
        {
            _at++;
        }

        return start < _at && char.IsAsciiDigit(word[start])
            ? throw new UnresolvableException("a variable's name begins with a digit")
            : word[start.._at];
    }

    private string? Value(string name) => lookUp(name) switch
    {
        null => null,
        { Text: { } text } => text,
        { Problem: var problem } => throw new UnresolvableException(problem!),
    };

    private void Expect(char c)
    {
        if (_at == word.Length)
        {
            throw new UnresolvableException("a variable in braces has no end");
        }

        _at += word[_at] == c ? 1 : 0;
    }

    private static void Add(StringBuilder result, string piece)
    {
        if (result.Length + piece.Length > MaxLength)
        {
            throw new UnresolvableException($"its value has more than {MaxLength} characters");
        }

        result.Append(piece);
    }

    private sealed class UnresolvableException(string message) : Exception(message);
}
