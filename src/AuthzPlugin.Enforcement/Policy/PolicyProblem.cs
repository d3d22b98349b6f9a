namespace AuthzPlugin.Enforcement.Policy;

/// <summary>
/// One thing that is wrong, or that an administrator should know, in a policy or in the settings. Every part is one line, fit to
/// print.
/// </summary>
/// <param name="Source">Where the value comes from: a file, <c>environment</c> or <c>command line</c>.</param>
/// <param name="Path">JSON path in the file (<c>$</c> for all of it), name of the environment variable, or option.</param>
/// <param name="Found">What stands there.</param>
/// <param name="Legal">What may stand there.</param>
/// <param name="NextStep">What to do.</param>
public sealed record PolicyProblem(string Source, string Path, string Found, string Legal, string NextStep)
{
    /// <summary>The problem without the next step.</summary>
    public string Summary => $"{Source}: {Path}: found {Found}, legal is {Legal}";

    public override string ToString() => $"{Summary}; {NextStep}";
}
