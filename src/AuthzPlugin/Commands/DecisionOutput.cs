using AuthzPlugin.Protocol;

namespace AuthzPlugin.Commands;

/// <summary>A decision for people: outcome, checks, and the sentence that a user would be told.</summary>
internal static class DecisionOutput
{
    public static void Write(TextWriter output, DecisionAnswer decision)
    {
        output.WriteLine(decision.Image.Length > 0 ? $"{decision.Image}: {decision.Outcome} ({decision.Reason})" : $"{decision.Outcome} ({decision.Reason})");
        foreach (var check in decision.Checks)
        {
            output.WriteLine($"  {check.Result,-8} {check.Check,-14} {check.Detail}");
        }

        output.WriteLine($"  {decision.Message}");
    }
}
