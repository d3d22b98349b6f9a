using AuthzPlugin.Trust.Metadata;

namespace AuthzPlugin.Enforcement.TrustData;

/// <summary>
/// Settings of everything that fetches and keeps trust data: paths, limits (bytes, counts) and time budgets.
/// They are not policy: a change needs a restart. A value of zero or less is refused by <see cref="Validate"/>.
/// </summary>
public sealed record TrustDataOptions
{
    /// <summary>Directory of the disk cache and the version memory (<c>&lt;state-dir&gt;/trust</c>); made with mode 0700.</summary>
    public required string CacheDirectory { get; init; }

    /// <summary>Nothing is written to the cache: for questions about another time, whose answers must not be remembered.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>The engine's directory of per-host certificates.</summary>
    public string CertificatesDirectory { get; init; } = "/etc/docker/certs.d";

    /// <summary>A Docker <c>config.json</c> with logins for trust servers and registries; it may be absent.</summary>
    public string CredentialsFile { get; init; } = "/etc/content-trust/docker-config.json";

    /// <summary>Hosts (with a port that is not 443) that may serve tokens beside the server's own host.</summary>
    public IReadOnlyList<string> TokenRealms { get; init; } = [];

    /// <summary>Proxy for trust and token servers; null means HTTPS_PROXY and NO_PROXY of the environment.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>Time to connect, TLS handshake included.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Time for one HTTP request, from sending it to the last byte of the answer.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Time for one update of one repository with all its requests; below the decision's budget, so that cached data can still answer.
    /// </summary>
    public TimeSpan UpdateTimeout { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>Time for one run of a credential helper.</summary>
    public TimeSpan CredentialHelperTimeout { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>A token counts as expired this long before its server says so.</summary>
    public TimeSpan TokenMargin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a failed update answers for its repository without another try.</summary>
    public TimeSpan FailureMemory { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long an unreachable server is left alone after its first failure, while cached data answers.</summary>
    public TimeSpan BackOffFirst { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest time between two tries; the time doubles up to here.</summary>
    public TimeSpan BackOffMaximum { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often an unchanged "checked with the server" time is written to disk; after a restart data may look older by this much.</summary>
    public TimeSpan CheckedWriteInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long to wait for another process that writes the same repository's files.</summary>
    public TimeSpan FileLockTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Updates under way at one server at a time.</summary>
    public int UpdatesPerServer { get; init; } = 8;

    /// <summary>Limits of metadata: bytes and counts of each role, root versions that one update steps through.</summary>
    public MetadataLimits Metadata { get; init; } = MetadataLimits.Default;

    /// <summary>Bytes of a token server's answer.</summary>
    public int TokenBytes { get; init; } = 256 * 1024;

    /// <summary>Bytes of the credentials file, of a helper's output, and of a certificate file.</summary>
    public int CredentialBytes { get; init; } = 1024 * 1024;

    /// <summary>Bytes of all cached files; the least recently used repositories go first, their version memory stays.</summary>
    public long CacheBytes { get; init; } = 512L * 1024 * 1024;

    /// <summary>Bytes of metadata whose verified form is kept in memory.</summary>
    public long MemoryBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Every value in its range, or an exception that names the one that is not.</summary>
    /// <exception cref="ArgumentException">A time, size or count is not positive.</exception>
    public void Validate()
    {
        foreach (var (name, value) in Values())
        {
            if (value <= 0)
            {
                throw new ArgumentException($"{name} must be more than zero", name);
            }
        }

        if (BackOffMaximum < BackOffFirst)
        {
            throw new ArgumentException($"{nameof(BackOffMaximum)} must not be less than {nameof(BackOffFirst)}");
        }
    }

    private IEnumerable<(string Name, long Value)> Values() =>
    [
        (nameof(ConnectTimeout), ConnectTimeout.Ticks),
        (nameof(RequestTimeout), RequestTimeout.Ticks),
        (nameof(UpdateTimeout), UpdateTimeout.Ticks),
        (nameof(CredentialHelperTimeout), CredentialHelperTimeout.Ticks),
        (nameof(TokenMargin), TokenMargin.Ticks),
        (nameof(FailureMemory), FailureMemory.Ticks),
        (nameof(BackOffFirst), BackOffFirst.Ticks),
        (nameof(CheckedWriteInterval), CheckedWriteInterval.Ticks),
        (nameof(FileLockTimeout), FileLockTimeout.Ticks),
        (nameof(UpdatesPerServer), UpdatesPerServer),
        (nameof(TokenBytes), TokenBytes),
        (nameof(CredentialBytes), CredentialBytes),
        (nameof(CacheBytes), CacheBytes),
        (nameof(MemoryBytes), MemoryBytes),
    ];
}
