namespace AuthzPlugin.Gate.Dockerfiles;

/// <summary>
/// White space as the builder's language has it (Go's <c>unicode.IsSpace</c>), in a text that holds one byte in each character.
/// </summary>
internal static class GoSpace
{
    /// <summary>What separates words of an instruction: <c>[\t\v\f\r ]</c>.</summary>
    public static bool IsSeparator(char c) => c is '\t' or '\v' or '\f' or '\r' or ' ';

    /// <summary>The first position from <paramref name="start"/> that is no white space, at most <paramref name="end"/>.</summary>
    public static int Skip(string bytes, int start, int end)
    {
        while (start < end && LengthAt(bytes.AsSpan(start, end - start)) is > 0 and var length)
        {
            start += length;
        }

        return start;
    }

    /// <summary>How many bytes of white space the text begins with, of one character; 0 for none.</summary>
    private static int LengthAt(ReadOnlySpan<char> bytes) => bytes switch
    {
        [(>= '\t' and <= '\r') or ' ', ..] => 1,
        ['\u00c2', '\u0085' or '\u00a0', ..] => 2,
        ['\u00e1', '\u009a', '\u0080', ..] => 3,
        ['\u00e2', '\u0080', (>= '\u0080' and <= '\u008a') or '\u00a8' or '\u00a9' or '\u00af', ..] => 3,
        ['\u00e2', '\u0081', '\u009f', ..] => 3,
        ['\u00e3', '\u0080', '\u0080', ..] => 3,
        _ => 0,
    };
}
