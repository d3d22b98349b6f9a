using AuthzPlugin.Protocol;

namespace AuthzPlugin.Commands;

/// <summary>A decision for people: outcome, checks, and the sentence that a user would be told.</summary>
internal static class DecisionOutput
{
    public static void Write(TextWriter output, DecisionAnswer decision)
    {
        var paint = Paint.For(output);
        var outcome = $"{paint.Word(decision.Outcome)} ({decision.Reason})";
        output.WriteLine(decision.Image.Length > 0 ? $"{decision.Image}: {outcome}" : outcome);
        foreach (var check in decision.Checks)
        {
            output.WriteLine($"  {paint.Word($"{check.Result,-8}")} {check.Check,-14} {check.Detail}");
        }

        output.WriteLine($"  {decision.Message}");
    }
}
