namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>
/// A path of the engine's table: text with variables, each a segment (<c>{id}</c>), or one that takes slashes as well (<c>{name:.*}</c>),
/// which is the only one of its path then. What a variable stands for is never empty. Compared by hand: every read of every client comes by.
/// </summary>
internal sealed class PathPattern
{
    private readonly string _prefix;
    private readonly string _suffix;
    private readonly VariableKind _variable;
    private readonly PathPattern? _rest;

    private PathPattern(string prefix, VariableKind variable, string suffix, PathPattern? rest)
    {
        _prefix = prefix;
        _variable = variable;
        _suffix = suffix;
        _rest = rest;
    }

    private enum VariableKind
    {
        None,
        Segment,
        Segments,
    }

    /// <exception cref="ArgumentException">A variable that takes slashes is not the only one.</exception>
    public static PathPattern Parse(string pattern)
    {
        var (open, close) = (pattern.IndexOf('{', StringComparison.Ordinal), pattern.IndexOf('}', StringComparison.Ordinal));
        if (open < 0)
        {
            return new PathPattern(pattern, VariableKind.None, "", null);
        }

        var takesSlashes = pattern.AsSpan(open, close - open).Contains(':');
        var suffix = pattern[(close + 1)..];
        var hasMore = suffix.Contains('{', StringComparison.Ordinal);
        return hasMore && takesSlashes
            ? throw new ArgumentException($"{pattern} has a variable beside one that takes slashes", nameof(pattern))
            : new PathPattern(
                pattern[..open], takesSlashes ? VariableKind.Segments : VariableKind.Segment, hasMore ? "" : suffix, hasMore ? Parse(suffix) : null);
    }

    /// <param name="name">What the first variable stands for; null when there is none.</param>
    public bool IsMatch(string path, out string? name)
    {
        name = null;
        if (!path.StartsWith(_prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var rest = path.AsSpan(_prefix.Length);
        if (_variable == VariableKind.None)
        {
            return rest.IsEmpty;
        }

        var length = _rest is null ? rest.Length - _suffix.Length : rest.IndexOf('/');
        if (length <= 0 || !IsValue(rest[..length]) || !(_rest?.IsMatch(rest[length..].ToString(), out _) ?? rest.EndsWith(_suffix, StringComparison.Ordinal)))
        {
            return false;
        }

        name = rest[..length].ToString();
        return true;
    }

    // As the regular expressions of the engine's router: "." is no line feed, and "[^/]" may be one.
    private bool IsValue(ReadOnlySpan<char> value) => !value.Contains(_variable == VariableKind.Segments ? '\n' : '/');
}
