using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Metadata;

namespace AuthzPlugin.Trust.Verification;

/// <summary>The rules that hold for files of every role: hashes, versions, expiry.</summary>
/// <param name="rotated">Roles whose floors have fallen.</param>
internal sealed class MetadataRules(
    VersionFloors floors,
    IReadOnlySet<RoleName> rotated,
    DateTimeOffset referenceTime,
    bool allowExpired)
{
    /// <summary>Rollback: nothing below what was verified before (TUF 5.4.3.1, 5.5.5). The same version again is fine.</summary>
    internal void RequireFloor(RoleName role, long version)
    {
        var floor = rotated.Contains(role) ? 1 : floors.For(role);
        if (version < floor)
        {
            throw new RepositoryException(
                RepositoryFault.Rollback, $"{role} version {version} is lower than {floor}, verified before", role.Text);
        }
    }

    /// <summary>Freeze: expired the moment after <c>expires</c>, without leeway.</summary>
    internal void RequireUnexpired(RoleName role, MetadataHeader header)
    {
        if (!allowExpired && header.Expires < referenceTime)
        {
            throw new RepositoryException(RepositoryFault.Expired, $"{role} expired at {header.Expires:u}", role.Text);
        }
    }

    /// <summary>The file of root version N says N (the Notary client takes any version that is not lower).</summary>
    internal static void RequireVersion(long version, long expected)
    {
        if (version != expected)
        {
            throw new RepositoryException(
                version < expected ? RepositoryFault.Rollback : RepositoryFault.RootRotation,
                $"the file of root version {expected} has version {version}",
                RoleName.Root.Text);
        }
    }

    /// <summary>Certificates of delegation keys may expire, but must not be weak (Notary 0.7 client, GetDelegationRole).</summary>
    internal static void RequireStrongKeys(Delegation delegation)
    {
        foreach (var key in delegation.Keys.Keys.Values)
        {
            if (key.Certificate?.Weakness() is { } weakness)
            {
                throw new RepositoryException(
                    RepositoryFault.Malformed, $"key {key.Id} of {delegation.Role} cannot be used: {weakness}", delegation.Role.Text);
            }
        }
    }

    /// <summary>The raw file is what its parent signed. Hashes decide; the length is a cap.</summary>
    internal static void RequireMatch(RoleName role, ReadOnlyMemory<byte> file, FileMeta? meta)
    {
        if (meta is null)
        {
            throw new RepositoryException(RepositoryFault.MissingMetadata, $"the snapshot does not list {role}", role.Text);
        }

        if (!meta.Matches(file.Span))
        {
            var expected = meta.Sha256 is { } sha256 ? $"sha256 {sha256}" : meta.HasHash ? "another sha512" : "no hash known here";
            throw new RepositoryException(
                RepositoryFault.ChecksumMismatch,
                $"{role} metadata has sha256 {Sha256Hash.Of(file.Span)}, signed is {expected}",
                role.Text);
        }

        if (file.Length > meta.Length)
        {
            throw new RepositoryException(
                RepositoryFault.TooLarge, $"{role} metadata has {file.Length} bytes, signed are {meta.Length}", role.Text);
        }
    }
}
