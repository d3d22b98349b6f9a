using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Differential.Tests;

/// <summary>
/// What happens to a repository. Each element that <see cref="Steps"/> yields is a moment at which both clients are asked.
/// </summary>
/// <param name="Expected">Why we refuse at the last moment; null: trusted.</param>
/// <param name="Strict">The rule by which we refuse what the Notary client takes; null where both must agree.</param>
internal sealed record Scenario(
    string Name, int Repeats, RepositoryFault? Expected, string? Strict, Func<RandomRepository, IEnumerable<bool>> Steps)
{
    public override string ToString() => Name;
}
