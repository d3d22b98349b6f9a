using System.Text.Json.Nodes;
using AuthzPlugin.Enforcement.Policy;

namespace AuthzPlugin.Enforcement.Import;

/// <summary>What became of a file of another program.</summary>
public sealed record ImportResult
{
    /// <summary>The stanza, as <c>builder.content-trust</c> of daemon.json holds it; null when the file has problems.</summary>
    public JsonObject? Stanza { get; init; }

    /// <summary>What has no equivalent or is not the same: what makes the stanza looser first, then in the order of the file.</summary>
    public IReadOnlyList<ImportNote> Notes { get; init; } = [];

    /// <summary>Why the file cannot be taken; none: there is a stanza.</summary>
    public IReadOnlyList<PolicyProblem> Problems { get; init; } = [];

    /// <summary>The stanza admits something that the file refuses, or may.</summary>
    public bool IsLooser => Notes.Any(n => n.Effect == ImportEffect.Looser);
}
