namespace AuthzPlugin.Commands;

/// <summary>Colours for outcomes, on a terminal only, and not where NO_COLOR is set (no-color.org): everything can be read without them.</summary>
internal sealed class Paint(bool on)
{
    private const string Reset = "\e[0m";

    /// <summary>What suits an output: colours only for the terminal itself.</summary>
    public static Paint For(TextWriter output) => new(
        ReferenceEquals(output, Console.Out) && IsWanted(Console.IsOutputRedirected, Environment.GetEnvironmentVariable("NO_COLOR"), Environment.GetEnvironmentVariable("TERM")));

    public static bool IsWanted(bool redirected, string? noColour, string? terminal) =>
        !redirected && string.IsNullOrEmpty(noColour) && terminal is not (null or "" or "dumb");

    /// <summary>An outcome, or the result of a check.</summary>
    public string Word(string word) => word.Trim() switch
    {
        "trusted" or "passed" => Good(word),
        "refused" or "failed" => Bad(word),
        "undecided" or "unknown" => Doubtful(word),
        _ => word,
    };

    public string Mode(string mode) => mode == "enforced" ? Good(mode) : mode == "permissive" ? Doubtful(mode) : Bad(mode);

    public string Good(string text) => In("\e[32m", text);

    public string Bad(string text) => In("\e[31m", text);

    public string Doubtful(string text) => In("\e[33m", text);

    private string In(string colour, string text) => on ? colour + text + Reset : text;
}
