using AuthzPlugin.Gate.BuildKit.Protocol;

namespace AuthzPlugin.Gate.BuildKit.Policies;

/// <summary>
/// Puts together the source policy of a build. BuildKit reads the rules in their order: a CONVERT that changes something begins again with
/// what it made, otherwise the last ALLOW or DENY that matches wins. So the client's rules come first and may do what they like; then ours
/// turn tags into signed digests; and the last rule of all denies whatever is neither a signed digest nor a kind of source that the
/// settings allow. None of ours allows anything, so what the client denies stays denied.
/// </summary>
internal static class SourcePolicies
{
    /// <param name="clients">The policy that came with the request; null for none.</param>
    /// <param name="prefixes">How sources begin that need no decision.</param>
    public static Policy Compose(Policy? clients, IReadOnlyCollection<PinnedImage> images, IEnumerable<string> prefixes)
    {
        var policy = new Policy { Version = clients?.Version ?? 1 };
        policy.Rules.Add(clients?.Rules ?? []);
        policy.Rules.Add(images.Where(i => i.ByTag is not null).Select(Pin).DistinctBy(r => r.Selector.Identifier));
        policy.Rules.Add(new Rule
        {
            Action = PolicyAction.Deny,
            Selector = new Selector
            {
                MatchType = Matching.Regex,
                Identifier = AllButThese.Pattern(images.SelectMany(i => new[] { i.Pinned, i.ByDigest }), prefixes),
            },
        });
        return policy;
    }

    // Not EXACT: BuildKit takes the selector itself for what an exact rule converts to.
    private static Rule Pin(PinnedImage image) => new()
    {
        Action = PolicyAction.Convert,
        Selector = new Selector { MatchType = Matching.Regex, Identifier = AllButThese.Exactly(image.ByTag!) },
        Updates = new Update { Identifier = image.Pinned },
    };
}
