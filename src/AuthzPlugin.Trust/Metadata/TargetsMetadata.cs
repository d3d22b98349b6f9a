using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Json;

namespace AuthzPlugin.Trust.Metadata;

/// <summary>
/// The signed part of <c>targets</c> or of a delegation: tags with the sha256 of their manifest (null where the publisher gave none),
/// and the roles delegated to, in order.
/// </summary>
internal sealed record TargetsMetadata(
    MetadataHeader Header,
    TagTable Tags,
    IReadOnlyList<Delegation> Delegations)
{
    internal static TargetsMetadata Read(MetadataFile file, MetadataLimits limits) => file.Read(signed =>
    {
        var header = MetadataHeader.Read(signed, "Targets");
        return new TargetsMetadata(
            header,
            signed.FindNotNull("targets") is { } tags ? TagTable.Read(tags, limits.TargetsPerFile) : TagTable.Empty,
            ReadDelegations(signed.FindNotNull("delegations"), file.Role, limits));
    });

    private static List<Delegation> ReadDelegations(JsonValue? delegations, RoleName parent, MetadataLimits limits)
    {
        var result = new List<Delegation>();
        var keys = KeyReader.ReadKeys(delegations?.FindNotNull("keys"), parent, limits);
        if (delegations?.FindNotNull("roles") is not { } roles)
        {
            return result;
        }

        var names = new HashSet<RoleName>();
        foreach (var role in roles.Items())
        {
            Limit.Check(result.Count, limits.Delegations, "delegations");
            var name = ReadName(role.Get("name").GetString(), parent);
            if (!names.Add(name))
            {
                throw new FormatException($"it delegates to {name} twice");
            }

            result.Add(new Delegation(name, KeyReader.ReadRole(role, keys), ReadPaths(role)));
        }

        return result;
    }

    /// <summary>A delegation is one level below the file that makes it (Notary 0.7 client, isValidTargetsStructure).</summary>
    private static RoleName ReadName(string text, RoleName parent) =>
        RoleName.TryParse(text, out var name) && name.IsDirectChildOf(parent)
            ? name
            : throw new FormatException($"it delegates to {UntrustedText.Escape(text)}, which is not a role directly below it");

    private static List<string> ReadPaths(JsonValue role)
    {
        var paths = new List<string>();
        if (role.FindNotNull("paths") is { } list)
        {
            foreach (var path in list.Items())
            {
                paths.Add(path.GetString());
            }
        }

        return paths;
    }
}
