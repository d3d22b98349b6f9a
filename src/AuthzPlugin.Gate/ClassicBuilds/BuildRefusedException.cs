using AuthzPlugin.Enforcement.Decisions;

namespace AuthzPlugin.Gate.ClassicBuilds;

/// <summary>
/// Ends a build from inside the stream that is forwarded: the engine then never sees the end of the context, and so builds nothing.
/// </summary>
internal sealed class BuildRefusedException(Decision decision) : Exception(decision.Message)
{
    /// <summary>Why, for the answer and the record.</summary>
    public Decision Decision { get; } = decision;
}
