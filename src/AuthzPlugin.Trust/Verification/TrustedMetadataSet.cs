using System.Collections.Frozen;
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
/// <item><see cref="LoadTargets"/>, then <see cref="LoadDelegation"/> while <see cref="PendingDelegations"/> has roles;
/// <see cref="MetaFor"/> describes them.</item>
/// <item><see cref="Complete"/>.</item>
/// </list>
/// Every Load method throws <see cref="RepositoryException"/> when the data breaks a rule, and <see cref="InvalidOperationException"/>
/// when the order is not kept. Not safe for several threads.
/// </summary>
public sealed class TrustedMetadataSet
{
    /// <summary>Files of this size, in bytes, are worth a second thread.</summary>
    private const int LargeFile = 1024 * 1024;

    private readonly RepositoryName _repository;
    private readonly MetadataLimits _limits;
    private readonly VersionFloors _floors;
    private readonly RootVerifier _rootVerifier;
    private readonly MetadataRules _rules;
    private readonly HashSet<RoleName> _rotated = [];
    private readonly List<RoleName> _expired = [];
    private readonly List<DroppedDelegation> _dropped = [];
    private readonly Dictionary<RoleName, long> _versions = [];
    private DateTimeOffset _earliestExpiry = DateTimeOffset.MaxValue;
    private DateTimeOffset _publisherExpiry = DateTimeOffset.MaxValue;
    private TrustedRoot? _root;
    private bool _rootIsComplete;
    private TimestampMetadata? _timestamp;
    private SnapshotMetadata? _snapshot;
    private DelegationWalk? _walk;

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
        _repository = repository;
        _limits = limits;
        _floors = floors;
        _rootVerifier = new RootVerifier(repository, pin, limits);
        _rules = new MetadataRules(floors, _rotated, referenceTime, allowExpired);
        ReferenceTime = referenceTime;
    }

    /// <summary>The time that expiry is judged by.</summary>
    public DateTimeOffset ReferenceTime { get; }

    /// <summary>Version of the newest root that was loaded; 0 before the first.</summary>
    public long RootVersion => _root?.Metadata.Version ?? 0;

    /// <summary>
    /// Roles among <c>timestamp</c> and <c>snapshot</c> whose keys a root newer than any verified before changed: their floors have fallen
    /// to 1 (TUF 5.3.11). Whoever stores the floor of the new root lowers theirs at the same time.
    /// </summary>
    public IReadOnlySet<RoleName> RotatedRoles => _rotated;

    /// <summary>What the timestamp says about the snapshot.</summary>
    public FileMeta SnapshotMeta => Loaded(_timestamp, RoleName.Timestamp).Snapshot;

    /// <summary>
    /// Delegations to load next, breadth first in the order of their parent's list; those that the snapshot does not list are passed over.
    /// A new list each time.
    /// </summary>
    public IReadOnlyList<RoleName> PendingDelegations =>
        [.. Loaded(_walk, RoleName.Targets).Pending.Select(p => p.Delegation.Role)];

    /// <summary>The version that a root file claims, before anything about it is verified: says how many roots lie between.</summary>
    /// <exception cref="RepositoryException">It is not a root file.</exception>
    public static long PeekRootVersion(ReadOnlyMemory<byte> file, MetadataLimits limits) =>
        MetadataFile.Parse(RoleName.Root, file, limits).Read(signed => MetadataHeader.Read(signed, "Root")).Version;

    /// <summary>
    /// The first root: pinned and signed by itself. Its expiry, that of its certificates and its floor wait for
    /// <see cref="CompleteRoot"/>, since a newer one may follow.
    /// </summary>
    public void LoadRoot(ReadOnlyMemory<byte> file)
    {
        RequireAbsent(_root, RoleName.Root);
        _root = _rootVerifier.Verify(MetadataFile.Parse(RoleName.Root, file, _limits), previous: null);
    }

    /// <summary>
    /// The next root: exactly <paramref name="expectedVersion"/>, signed by the previous root and by itself, pinned (TUF 5.3.4, 5.3.5).
    /// </summary>
    /// <param name="expectedVersion">One more than <see cref="RootVersion"/>.</param>
    public void LoadNextRoot(ReadOnlyMemory<byte> file, long expectedVersion)
    {
        var previous = Loaded(_root, RoleName.Root);
        RequireAbsent(_rootIsComplete ? _root : null, RoleName.Root);
        ArgumentOutOfRangeException.ThrowIfNotEqual(expectedVersion, previous.Metadata.Version + 1);
        var next = MetadataFile.Parse(RoleName.Root, file, _limits);
        MetadataRules.RequireVersion(next.Read(signed => MetadataHeader.Read(signed, "Root")).Version, expectedVersion);
        _root = _rootVerifier.Verify(next, previous);
        RecordRotation(previous.Metadata, _root.Metadata);
    }

    /// <summary>
    /// No newer root follows: this one is not below its floor, and neither it (TUF 5.3.10) nor the certificates that speak for it
    /// have expired.
    /// </summary>
    public void CompleteRoot()
    {
        var root = Loaded(_root, RoleName.Root);
        RequireAbsent(_rootIsComplete ? _root : null, RoleName.Root);
        _rules.RequireFloor(RoleName.Root, root.Metadata.Version);
        RecordRotationSinceFloor(root.Metadata);
        _rules.RequireUnexpired(RoleName.Root, root.Metadata.Header);
        _root = _rootVerifier.VerifyAt(root, ReferenceTime);
        _rootIsComplete = true;
        _earliestExpiry = _publisherExpiry = _root.Signers.Min(k => k.NotAfter);
        Record(RoleName.Root, root.Metadata.Header);
    }

    /// <summary>The timestamp: signed by the root's timestamp keys, not below its floor, not expired (TUF 5.4).</summary>
    public void LoadTimestamp(ReadOnlyMemory<byte> file)
    {
        RequireAbsent(_timestamp, RoleName.Timestamp);
        var parsed = MetadataFile.Parse(RoleName.Timestamp, file, _limits);
        SignatureThreshold.Require(parsed, CompletedRoot.Timestamp);
        var metadata = TimestampMetadata.Read(parsed);
        _rules.RequireFloor(RoleName.Timestamp, metadata.Header.Version);
        _rules.RequireUnexpired(RoleName.Timestamp, metadata.Header);
        _timestamp = metadata;
        Record(RoleName.Timestamp, metadata.Header);
    }

    /// <summary>
    /// Loads the snapshot; the root loaded before must be the one it lists (fault ChecksumMismatch with role <c>root</c> otherwise).
    /// </summary>
    public void LoadSnapshot(ReadOnlyMemory<byte> file)
    {
        RequireAbsent(_snapshot, RoleName.Snapshot);
        var parsed = ParseListed(RoleName.Snapshot, file, SnapshotMeta);
        SignatureThreshold.Require(parsed, CompletedRoot.Snapshot);
        var metadata = SnapshotMetadata.Read(parsed, _limits);
        _rules.RequireFloor(RoleName.Snapshot, metadata.Header.Version);
        _rules.RequireUnexpired(RoleName.Snapshot, metadata.Header);
        MetadataRules.RequireMatch(RoleName.Root, _root!.File.Raw, metadata.Find(RoleName.Root));
        _snapshot = metadata;
        Record(RoleName.Snapshot, metadata.Header);
    }

    /// <summary>What the snapshot says about the file of a role; null when it does not list it.</summary>
    public FileMeta? MetaFor(RoleName role) => Loaded(_snapshot, RoleName.Snapshot).Find(role);

    /// <summary>Loads <c>targets</c>, as the snapshot lists it, signed by the root's targets keys (TUF 5.6).</summary>
    public void LoadTargets(ReadOnlyMemory<byte> file)
    {
        RequireAbsent(_walk, RoleName.Targets);
        var parsed = ParseListed(RoleName.Targets, file, MetaFor(RoleName.Targets));
        var keys = CompletedRoot.Targets;
        var (signers, metadata) = Both(
            file, () => SignatureThreshold.Require(parsed, keys), () => TargetsMetadata.Read(parsed, _limits));
        _rules.RequireFloor(RoleName.Targets, metadata.Header.Version);
        _rules.RequireUnexpired(RoleName.Targets, metadata.Header);
        var walk = new DelegationWalk(_snapshot!, _floors, _limits);
        walk.Add(RoleName.Targets, [""], metadata, signers);
        _walk = walk;
        Record(RoleName.Targets, metadata.Header);
    }

    /// <summary>
    /// Loads one of <see cref="PendingDelegations"/>. False: its file is expired or under-signed and it was dropped with everything below
    /// it
    /// (such a file is not to be kept); <c>targets/releases</c> is refused instead.
    /// </summary>
    public bool LoadDelegation(RoleName role, ReadOnlyMemory<byte> file)
    {
        var walk = Loaded(_walk, RoleName.Targets);
        var pending = walk.Pending.FirstOrDefault(p => p.Delegation.Role == role)
            ?? throw new InvalidOperationException($"{role} is not pending");
        try
        {
            LoadPending(walk, pending, file);
            return true;
        }
        catch (RepositoryException e) when (
            e.Fault is RepositoryFault.Expired or RepositoryFault.SignatureThreshold && role != RoleName.Releases)
        {
            walk.Drop(role);
            _dropped.Add(new DroppedDelegation(role, e.Message));
            return false;
        }
    }

    /// <summary>The result, when no delegation is pending.</summary>
    public VerifiedRepository Complete()
    {
        var walk = Loaded(_walk, RoleName.Targets);
        if (walk.Pending.Count > 0)
        {
            throw new InvalidOperationException("delegations are pending");
        }

        return new VerifiedRepository([.. walk.Verified])
        {
            Repository = _repository,
            ReferenceTime = ReferenceTime,
            RootKeyIds = [.. _root!.Signers.Select(k => k.CanonicalId).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            RootCertificateIds = [.. _root.Signers.Select(k => k.Key.Id).Order(StringComparer.Ordinal)],
            Versions = _versions.ToFrozenDictionary(),
            EarliestExpiry = _earliestExpiry,
            PublisherExpiry = _publisherExpiry,
            ExpiredRoles = [.. _expired],
            DroppedDelegations = [.. _dropped],
            KeySets = new Dictionary<RoleName, string>
            {
                [RoleName.Timestamp] = _root.Metadata.Timestamp.SetId,
                [RoleName.Snapshot] = _root.Metadata.Snapshot.SetId,
            },
            RotatedRoles = _rotated.ToFrozenSet(),
        };
    }

    private RootMetadata CompletedRoot =>
        (_rootIsComplete ? _root : null)?.Metadata ?? throw new InvalidOperationException("the root must be complete first");

    /// <summary>
    /// Order as in the Notary client (tufclient.go): structure, version, signatures, expiry. The last two alone may be dropped.
    /// </summary>
    private void LoadPending(DelegationWalk walk, PendingDelegation pending, ReadOnlyMemory<byte> file)
    {
        var role = pending.Delegation.Role;
        var parsed = ParseListed(role, file, MetaFor(role));
        var (metadata, signers) = Both(file, () => ReadDelegation(parsed, pending.Delegation), () => SignatureThreshold.Require(parsed, pending.Delegation.Keys));
        _rules.RequireUnexpired(role, metadata.Header);
        walk.Add(role, pending.Paths, metadata, signers);
        Record(role, metadata.Header);
    }

    private MetadataFile ParseListed(RoleName role, ReadOnlyMemory<byte> file, FileMeta? meta)
    {
        if (file.Length < LargeFile || meta is not { Sha256: not null, Sha512.IsEmpty: false })
        {
            MetadataRules.RequireMatch(role, file, meta);
            return MetadataFile.Parse(role, file, _limits);
        }

        // The sha256 says that the bytes are what the parent signed. The sha512 must match as well, and takes as long as parsing does.
        MetadataRules.RequireMatch(role, file, meta with { Sha512 = default });
        return Both(
            file,
            () =>
            {
                MetadataRules.RequireMatch(role, file, meta with { Sha256 = null });
                return role;
            },
            () => MetadataFile.Parse(role, file, _limits)).Second;
    }

    private TargetsMetadata ReadDelegation(MetadataFile parsed, Delegation delegation)
    {
        var metadata = TargetsMetadata.Read(parsed, _limits);
        _rules.RequireFloor(delegation.Role, metadata.Header.Version);
        MetadataRules.RequireStrongKeys(delegation);
        return metadata;
    }

    /// <summary>The first and then the second, or both at once for a large file. What fails is the first, when both do.</summary>
    private static (TFirst First, TSecond Second) Both<TFirst, TSecond>(ReadOnlyMemory<byte> file, Func<TFirst> first, Func<TSecond> second)
    {
        if (file.Length < LargeFile)
        {
            return (first(), second());
        }

        var beside = Task.Run(first);
        TSecond result;
        try
        {
            result = second();
        }
        finally
        {
            beside.GetAwaiter().GetResult();
        }

        return (beside.Result, result);
    }

    /// <summary>Roots up to the floor were seen when the floors were recorded; only what comes after changes anything.</summary>
    private void RecordRotation(RootMetadata previous, RootMetadata next)
    {
        if (next.Version <= _floors.For(RoleName.Root) && _floors.Knows(RoleName.Root))
        {
            return;
        }

        if (!next.Timestamp.HasSameKeys(previous.Timestamp))
        {
            _rotated.Add(RoleName.Timestamp);
        }

        if (!next.Snapshot.HasSameKeys(previous.Snapshot))
        {
            _rotated.Add(RoleName.Snapshot);
        }
    }

    /// <summary>
    /// A root newer than its floor may come without those between, from a cache whose floors a crash kept from being written.
    /// The keys that the floors belong to show whether there was a rotation.
    /// </summary>
    private void RecordRotationSinceFloor(RootMetadata root)
    {
        if (root.Version <= _floors.For(RoleName.Root))
        {
            return;
        }

        foreach (var (role, keys) in (ReadOnlySpan<(RoleName, RoleKeys)>)[(RoleName.Timestamp, root.Timestamp), (RoleName.Snapshot, root.Snapshot)])
        {
            if (_floors.BelongsToOtherKeys(role, keys))
            {
                _rotated.Add(role);
            }
        }
    }

    private void Record(RoleName role, MetadataHeader header)
    {
        _versions[role] = header.Version;
        _earliestExpiry = header.Expires < _earliestExpiry ? header.Expires : _earliestExpiry;
        _publisherExpiry = header.Expires < _publisherExpiry && role != RoleName.Timestamp ? header.Expires : _publisherExpiry;
        if (header.Expires < ReferenceTime)
        {
            _expired.Add(role);
        }
    }

    private static T Loaded<T>(T? value, RoleName role)
        where T : class => value ?? throw new InvalidOperationException($"{role} must be loaded first");

    private static void RequireAbsent(object? value, RoleName role)
    {
        if (value is not null)
        {
            throw new InvalidOperationException($"{role} has already been loaded");
        }
    }
}
