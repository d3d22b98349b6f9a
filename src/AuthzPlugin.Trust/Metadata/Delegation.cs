namespace AuthzPlugin.Trust.Metadata;

/// <summary>A role that <c>targets</c> or another delegation hands tags to.</summary>
/// <param name="Paths">Prefixes of the tags it may speak for; <c>""</c> covers all, an empty list none.</param>
public sealed record Delegation(RoleName Role, RoleKeys Keys, IReadOnlyList<string> Paths);
