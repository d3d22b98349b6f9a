using AuthzPlugin.Trust.Metadata;

namespace AuthzPlugin.Trust.Verification;

/// <summary>Whose signatures made a role's file count, and who may sign for the role.</summary>
/// <param name="SignedBy">Ids of the keys with a good signature, in ordinal order; at least the threshold.</param>
/// <param name="Allowed">The role's keys and threshold.</param>
public sealed record RoleSigners(IReadOnlyList<string> SignedBy, RoleKeys Allowed)
{
    /// <summary>Whether enough of these keys may sign for the role (still).</summary>
    public bool MaySign(IEnumerable<string> keyIds) =>
        keyIds.Distinct(StringComparer.Ordinal).Count(Allowed.Keys.ContainsKey) >= Allowed.Threshold;

    internal static RoleSigners Of(HashSet<string> valid, RoleKeys allowed) => new([.. valid.Order(StringComparer.Ordinal)], allowed);
}
