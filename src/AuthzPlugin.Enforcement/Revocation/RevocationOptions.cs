namespace AuthzPlugin.Enforcement.Revocation;

/// <summary>Limits and time budgets of everything that asks whether certificates were revoked.</summary>
public sealed record RevocationOptions
{
    /// <summary>Where downloaded lists are kept (<c>&lt;state-dir&gt;/revocation</c>); made with mode 0700. Null: in memory only.</summary>
    public string? Directory { get; init; }

    /// <summary>Time for one question to one OCSP responder, connecting included.</summary>
    public TimeSpan OcspTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Time for the download of one list, connecting included.</summary>
    public TimeSpan ListTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time for all questions about one signature.</summary>
    public TimeSpan SignatureTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// After this time an answer that is still valid is asked for again (a revocation is not, which stays until it is out of date). When that
    /// fails, the old answer counts on until it is out of date.
    /// </summary>
    public TimeSpan RefreshAfter { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Answers and lists that are kept in memory.</summary>
    public int MemoryItems { get; init; } = 1024;

    /// <summary>Bytes of the same.</summary>
    public long MemoryBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Bytes of all lists on disk; those that were downloaded first go first.</summary>
    public long DiskBytes { get; init; } = 64 * 1024 * 1024;
}
