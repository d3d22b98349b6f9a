namespace AuthzPlugin.Enforcement.Policy.Json;

/// <summary>Collects everything that is to be said about one source, so that all problems are reported at once.</summary>
internal sealed class Findings(string source)
{
    private readonly List<PolicyProblem> _problems = [];
    private readonly List<PolicyProblem> _warnings = [];

    /// <summary>What it is all about: a file, <c>environment</c> or <c>command line</c>.</summary>
    public string Source => source;

    public IReadOnlyList<PolicyProblem> Problems => _problems;

    public IReadOnlyList<PolicyProblem> Warnings => _warnings;

    public void Problem(string path, string found, string legal, string nextStep) =>
        _problems.Add(new PolicyProblem(source, path, found, legal, nextStep));

    public void Problem(ConfigNode node, string legal, string nextStep) => Problem(node.Path, node.Describe(), legal, nextStep);

    public void Warning(string path, string found, string legal, string nextStep) =>
        _warnings.Add(new PolicyProblem(source, path, found, legal, nextStep));
}
