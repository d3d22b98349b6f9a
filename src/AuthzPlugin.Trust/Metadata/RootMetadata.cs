using AuthzPlugin.Trust.Json;

namespace AuthzPlugin.Trust.Metadata;

/// <summary>
/// The signed part of a root: whose keys speak for which role. Roles beyond the four are ignored (old roots have <c>root.1</c>),
/// and so is <c>consistent_snapshot</c>, as in the Notary 0.7 client.
/// </summary>
internal sealed record RootMetadata(MetadataHeader Header, RoleKeys Root, RoleKeys Targets, RoleKeys Snapshot, RoleKeys Timestamp)
{
    internal long Version => Header.Version;

    internal static RootMetadata Read(MetadataFile file, MetadataLimits limits) => file.Read(signed =>
    {
        var header = MetadataHeader.Read(signed, "Root");
        var keys = KeyReader.ReadKeys(signed.FindNotNull("keys"), RoleName.Root, limits);
        var roles = signed.Get("roles");
        return new RootMetadata(header, Role(roles, "root"), Role(roles, "targets"), Role(roles, "snapshot"), Role(roles, "timestamp"));

        RoleKeys Role(JsonValue list, string name) => KeyReader.ReadRole(list.Get(name), keys);
    });
}
