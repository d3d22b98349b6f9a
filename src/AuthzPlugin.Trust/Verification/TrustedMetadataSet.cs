using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.Pinning;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Trust.Verification;

/// <summary>
/// Every rule of verification in one object that touches no network, disk or clock: the reference time is fixed once.
/// Files are loaded in this order, each once; a file that fails leaves the set as it was, so that another copy may be tried:
/// <list type="number">
/// <item><see cref="LoadRoot"/>: the cached root, or the server's.</item>
/// <item><see cref="LoadNextRoot"/> for each newer root, by one version at a time, then <see cref="CompleteRoot"/>.</item>
/// <item><see cref="LoadTimestamp"/>.</item>
/// <item><see cref="LoadSnapshot"/>, which <see cref="SnapshotMeta"/> describes.</item>
/// <item><see cref="LoadTargets"/>, then <see cref="LoadDelegation"/> while <see cref="PendingDelegations"/> has roles; <see cref="MetaFor"/> describes them.</item>
/// <item><see cref="Complete"/>.</item>
/// </list>
/// Every Load method throws <see cref="RepositoryException"/> when the data breaks a rule, and <see cref="InvalidOperationException"/>
/// when the order is not kept. Not safe for several threads.
/// </summary>
public sealed class TrustedMetadataSet
{
    /// <param name="repository">Whose data it must be: root certificates are issued to this name.</param>
    /// <param name="pin">The entry of the policy that decides for the repository. It applies to every root, cached ones too.</param>
    /// <param name="referenceTime">The present.</param>
    /// <param name="floors">Versions verified before; nothing lower is accepted.</param>
    /// <param name="allowExpired">
    /// Expired metadata is accepted and listed in <see cref="VerifiedRepository.ExpiredRoles"/>. Expired root certificates never are.
    /// </param>
    public TrustedMetadataSet(
        RepositoryName repository,
        RootPin pin,
        DateTimeOffset referenceTime,
        MetadataLimits limits,
        VersionFloors floors,
        bool allowExpired)
    {
        _ = (repository, pin, referenceTime, limits, floors, allowExpired);
        RootVersion = 0;
    }

    /// <summary>Version of the newest root that was loaded; 0 before the first.</summary>
    public long RootVersion { get; private set; }

    /// <summary>Roles among <c>timestamp</c> and <c>snapshot</c> whose keys a later root changed; their floors have fallen to 1.</summary>
    public IReadOnlySet<RoleName> RotatedRoles => throw new NotImplementedException();

    /// <summary>What the timestamp says about the snapshot.</summary>
    public FileMeta SnapshotMeta => throw new NotImplementedException();

    /// <summary>
    /// Delegations to load next, breadth first in the order of their parent's list; those that the snapshot does not list are passed over.
    /// A new list each time.
    /// </summary>
    public IReadOnlyList<RoleName> PendingDelegations => throw new NotImplementedException();

    /// <summary>The version that a root file claims, before anything about it is verified: says how many roots lie between.</summary>
    /// <exception cref="RepositoryException">It is not a root file.</exception>
    public static long PeekRootVersion(ReadOnlyMemory<byte> file, MetadataLimits limits) => throw new NotImplementedException();

    /// <summary>
    /// The first root: pinned, signed by itself, not below its floor. Its expiry and that of its certificates wait for
    /// <see cref="CompleteRoot"/>, since a newer one may follow.
    /// </summary>
    public void LoadRoot(ReadOnlyMemory<byte> file) => throw new NotImplementedException();

    /// <summary>The next root: exactly <paramref name="expectedVersion"/>, signed by the previous root and by itself, pinned (TUF 5.3.4, 5.3.5).</summary>
    /// <param name="expectedVersion">One more than <see cref="RootVersion"/>.</param>
    public void LoadNextRoot(ReadOnlyMemory<byte> file, long expectedVersion) => throw new NotImplementedException();

    /// <summary>No newer root follows: this one must not have expired (TUF 5.3.10), nor the certificates that speak for it.</summary>
    public void CompleteRoot() => throw new NotImplementedException();

    public void LoadTimestamp(ReadOnlyMemory<byte> file) => throw new NotImplementedException();

    /// <summary>Loads the snapshot; the root loaded before must be the one it lists (fault ChecksumMismatch with role <c>root</c> otherwise).</summary>
    public void LoadSnapshot(ReadOnlyMemory<byte> file) => throw new NotImplementedException();

    /// <summary>What the snapshot says about the file of a role; null when it does not list it.</summary>
    public FileMeta? MetaFor(RoleName role) => throw new NotImplementedException();

    public void LoadTargets(ReadOnlyMemory<byte> file) => throw new NotImplementedException();

    /// <summary>
    /// Loads one of <see cref="PendingDelegations"/>. False: its file is expired or under-signed and it was dropped with everything below it
    /// (such a file is not to be kept); <c>targets/releases</c> is refused instead.
    /// </summary>
    public bool LoadDelegation(RoleName role, ReadOnlyMemory<byte> file) => throw new NotImplementedException();

    /// <summary>The result, when no delegation is pending.</summary>
    public VerifiedRepository Complete() => throw new NotImplementedException();
}
