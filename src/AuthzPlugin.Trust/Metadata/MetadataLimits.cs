namespace AuthzPlugin.Trust.Metadata;

/// <summary>
/// Every bound on what a trust server may send. Metadata beyond one of them is refused, never truncated.
/// The defaults hold a repository of 75 000 tags (6.5 MB of targets) several times over.
/// </summary>
public sealed record MetadataLimits
{
    private const int MiB = 1024 * 1024;

    public static MetadataLimits Default { get; } = new();

    /// <summary>Largest root file, in bytes. Its size is signed by nobody when it is fetched first.</summary>
    public int RootBytes { get; init; } = 5 * MiB;

    /// <summary>Largest timestamp file, in bytes (the Notary client's own bound).</summary>
    public int TimestampBytes { get; init; } = 1 * MiB;

    /// <summary>Largest snapshot file, in bytes, whatever length the timestamp signs.</summary>
    public int SnapshotBytes { get; init; } = 64 * MiB;

    /// <summary>Largest file of <c>targets</c> or of a delegation, in bytes, whatever length the snapshot signs.</summary>
    public int TargetsBytes { get; init; } = 64 * MiB;

    /// <summary>New roots followed in one update.</summary>
    public int RootRotations { get; init; } = 256;

    /// <summary>Delegations of one repository, all levels together.</summary>
    public int Delegations { get; init; } = 512;

    /// <summary>Tags in one file.</summary>
    public int TargetsPerFile { get; init; } = 300_000;

    /// <summary>Files that a snapshot lists.</summary>
    public int SnapshotEntries { get; init; } = 300_000;

    /// <summary>Signatures in one file. Each costs at most one verification.</summary>
    public int SignaturesPerFile { get; init; } = 256;

    /// <summary>Keys in one file.</summary>
    public int KeysPerFile { get; init; } = 1024;

    /// <summary>Size of one public key or certificate bundle, in bytes.</summary>
    public int KeyBytes { get; init; } = 64 * 1024;

    /// <summary>Certificates in one root key's bundle.</summary>
    public int CertificatesPerKey { get; init; } = 16;

    /// <summary>Nesting of objects and arrays.</summary>
    public int JsonDepth { get; init; } = 32;

    /// <summary>Values and member names in one file; each takes 16 bytes while the file is read.</summary>
    public int JsonTokens { get; init; } = 6_000_000;

    /// <summary>The largest file of a role, in bytes.</summary>
    public int BytesFor(RoleName role) => role.Text switch
    {
        "root" => RootBytes,
        "timestamp" => TimestampBytes,
        "snapshot" => SnapshotBytes,
        _ => TargetsBytes,
    };
}
