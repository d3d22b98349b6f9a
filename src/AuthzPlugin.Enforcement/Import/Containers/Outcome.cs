using System.Text.Json.Nodes;

namespace AuthzPlugin.Enforcement.Import.Containers;

/// <summary>What the requirements of a scope come to.</summary>
/// <param name="Accepts">Everything is admitted without evidence.</param>
/// <param name="Entry">What must be met; null: nothing is admitted, or everything.</param>
internal sealed record Outcome(bool Accepts, JsonObject? Entry)
{
    public static readonly Outcome Accept = new(true, null);

    public static readonly Outcome Refuse = new(false, null);

    public bool Asks => Entry is not null;

    public bool IsSameAs(Outcome other) => Accepts == other.Accepts && Entry?.ToJsonString() == other.Entry?.ToJsonString();
}
