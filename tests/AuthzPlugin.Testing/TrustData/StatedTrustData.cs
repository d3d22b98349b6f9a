using System.Collections.Concurrent;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Testing.TrustData;

/// <summary>Trust data as a test states it: signed tags by repository, or the error that getting them ends in.</summary>
public sealed class StatedTrustData : ITrustData
{
    private readonly Dictionary<string, StatedRepository> _repositories = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SignedRepository> _remembered = new(StringComparer.Ordinal);
    private int _asked;

    /// <summary>When the data counts as checked.</summary>
    public DateTimeOffset CheckedAt { get; set; } = DateTimeOffset.UnixEpoch;

    /// <summary>How often data was asked for with a network in mind.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>How long an answer takes.</summary>
    public Func<CancellationToken, Task> Delay { get; set; } = _ => Task.CompletedTask;

    /// <summary>While the policy lets data be some seconds old, the first answer is given again.</summary>
    public bool Remembers { get; set; }

    public StatedRepository this[string repository]
    {
        get
        {
            if (!_repositories.TryGetValue(repository, out var stated))
            {
                _repositories[repository] = stated = new StatedRepository();
            }

            return stated;
        }
    }

    public async Task<SignedRepository> GetAsync(RepositoryName repository, TrustPolicy policy, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _asked);
        if (Remembers && policy.Freshness > TimeSpan.Zero && _remembered.TryGetValue(repository.Name, out var cached))
        {
            return cached with { FromCache = true };
        }

        await Delay(cancellation).ConfigureAwait(false);
        var stated = _repositories.GetValueOrDefault(repository.Name)
            ?? throw new RepositoryException(RepositoryFault.NotFound, $"has no trust data for {repository}");
        return stated.Error is null ? _remembered[repository.Name] = ToSigned(repository, stated) : throw stated.Error;
    }

    public Task<SignedRepository?> PeekAsync(RepositoryName repository, TrustPolicy policy, CancellationToken cancellation) =>
        Task.FromResult(_repositories.GetValueOrDefault(repository.Name) is { Error: null } stated ? ToSigned(repository, stated) : null);

    private SignedRepository ToSigned(RepositoryName repository, StatedRepository stated) => new(
        repository, stated.ToTags(), stated.RootKeyIds, [], 1, DateTimeOffset.MaxValue, CheckedAt, FromCache: false, Stale: false, ServerProblem: null);
}

/// <summary>One repository of <see cref="StatedTrustData"/>.</summary>
public sealed class StatedRepository
{
    /// <summary>Digest by tag, in the role <c>targets/releases</c>.</summary>
    public Dictionary<string, Digest> Tags { get; } = new(StringComparer.Ordinal);

    /// <summary>Roles that do not count, by tag.</summary>
    public Dictionary<string, string> OtherRoles { get; } = new(StringComparer.Ordinal);

    /// <summary>The keys that signed, and may sign, <c>targets/releases</c>.</summary>
    public IReadOnlyList<string> SignerKeyIds { get; set; } = ["signer"];

    public IReadOnlyList<string> RootKeyIds { get; set; } = [new string('a', 64)];

    public TrustException? Error { get; set; }

    internal ISignedTags ToTags() => new Snapshot(
        Tags.ToDictionary(StringComparer.Ordinal), OtherRoles.ToDictionary(StringComparer.Ordinal), SignerKeyIds);

    private sealed class Snapshot(
        Dictionary<string, Digest> tags, Dictionary<string, string> otherRoles, IReadOnlyList<string> signers) : ISignedTags
    {
        public SignedTag? FindTag(string tag) => tags.TryGetValue(tag, out var digest) ? Signed(tag, digest) : null;

        public IReadOnlyList<SignedTag> FindDigest(Digest digest) =>
            [.. tags.Where(t => t.Value == digest).OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => Signed(t.Key, digest))];

        public IReadOnlyList<string> TagRoles(string tag) => otherRoles.TryGetValue(tag, out var role) ? [role] : [];

        public bool MaySign(string role, IReadOnlyList<string> keyIds) => role == "targets/releases" && keyIds.Any(signers.Contains);

        private SignedTag Signed(string tag, Digest digest) => new(tag, digest, "targets/releases", signers);
    }
}
