namespace AuthzPlugin.Enforcement.Decisions;

/// <summary>The result of one check.</summary>
public enum CheckResult
{
    Passed,
    Failed,

    /// <summary>It could not be carried out.</summary>
    Unknown,
}

/// <summary>
/// One line of a decision: what was checked (<paramref name="What"/>, a stable word such as <c>pin</c>, <c>root</c>,
/// <c>tag</c>, <c>local-digest</c>), how it ended, and the fact that shows it.
/// Audit record and explanations are made from the same list.
/// </summary>
public sealed record Check(string What, CheckResult Result, string Detail);
