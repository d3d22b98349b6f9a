using System.Collections.Concurrent;
using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.References;
using AuthzPlugin.Trust.Verification;

namespace AuthzPlugin.Enforcement.TrustData;

/// <summary>
/// Look-ups in a verified repository, in the words of the decision engine. What was found once is kept, within a bound: the data does not
/// change, and of many tags a host uses few, again and again.
/// </summary>
internal sealed class SignedTags(VerifiedRepository verified) : ISignedTags
{
    /// <summary>How many answers of each kind are kept.</summary>
    private const int MaxKept = 256;

    private readonly ConcurrentDictionary<string, SignedTag> _byTag = new(concurrencyLevel: 1, capacity: 1, StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Digest, IReadOnlyList<SignedTag>> _byDigest = new(concurrencyLevel: 1, capacity: 1);

    public SignedTag? FindTag(string tag) =>
        _byTag.TryGetValue(tag, out var kept) ? kept
        : verified.FindTag(tag) is { } found ? Keep(_byTag, tag, From(found))
        : null;

    public IReadOnlyList<SignedTag> FindDigest(Digest digest) =>
        _byDigest.TryGetValue(digest, out var kept) ? kept
        : verified.FindDigest(digest) is { Count: > 0 } found ? Keep(_byDigest, digest, [.. found.Select(From)])
        : [];

    public IReadOnlyList<string> TagRoles(string tag) => [.. verified.TagRoles(tag).Select(r => r.Text)];

    public bool MaySign(string role, IReadOnlyList<string> keyIds) =>
        RoleName.TryParse(role, out var name) && verified.SignersOf(name)?.MaySign(keyIds) == true;

    // What users ask for in vain is not kept: they can invent any number of it.
    private static TValue Keep<TKey, TValue>(ConcurrentDictionary<TKey, TValue> kept, TKey key, TValue value)
        where TKey : notnull
    {
        if (kept.Count < MaxKept)
        {
            kept.TryAdd(key, value);
        }

        return value;
    }

    private SignedTag From(TrustedTag tag) => new(tag.Tag, tag.Digest, tag.Role.Text, verified.SignersOf(tag.Role)?.SignedBy ?? []);
}
