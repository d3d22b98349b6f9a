using System.Text.RegularExpressions;
using AuthzPlugin.Gate.BuildKit.Policies;
using AuthzPlugin.Gate.BuildKit.Protocol;

namespace AuthzPlugin.Gate.Tests.BuildKit;

/// <summary>
/// The composed policy under the rules by which BuildKit reads one, written down here a second time: in order, a CONVERT that changes
/// something begins again, the last ALLOW or DENY that matches wins.
/// </summary>
public sealed class SourcePolicyRules
{
    private const string Signed = "docker-image://registry.example.com/team/app:1";
    private static readonly string Digest = "sha256:" + new string('a', 64);
    private static readonly string OtherDigest = "sha256:" + new string('b', 64);
    private static readonly PinnedImage App = new("registry.example.com/team/app", "1", Digest);
    private static readonly string[] Prefixes = ["local://", "https://", "http://", "git://"];

    public static TheoryData<string, string, string?> WithoutClientsPolicy => new()
    {
        { "a decided tag becomes its digest", Signed, $"{Signed}@{Digest}" },
        { "the digest with the tag", $"{Signed}@{Digest}", $"{Signed}@{Digest}" },
        { "the digest alone", $"docker-image://registry.example.com/team/app@{Digest}", $"docker-image://registry.example.com/team/app@{Digest}" },
        { "another digest", $"{Signed}@{OtherDigest}", null },
        { "another tag", "docker-image://registry.example.com/team/app:2", null },
        { "a longer tag", Signed + "0", null },
        { "a shorter name", Signed[..^1], null },
        { "no tag", "docker-image://registry.example.com/team/app", null },
        { "another repository", "docker-image://registry.example.com/team/evil:1", null },
        { "more after the digest", $"{Signed}@{Digest}0", null },
        { "a line after the digest", $"{Signed}@{Digest}\n", null },
        { "the dots are dots", "docker-image://registryxexample.com/team/app:1", null },
        { "other case of the scheme", "DOCKER-IMAGE" + Signed["docker-image".Length..], null },
        { "another scheme", "docker-image+blob" + Signed["docker-image".Length..] + "@" + Digest, null },
        { "an image in a folder", "oci-layout://app@" + Digest, null },
        { "a folder of the client", "local://context", "local://context" },
        { "a file", "https://example.com/x.tar", "https://example.com/x.tar" },
        { "a repository", "git://github.com/x/y#main", "git://github.com/x/y#main" },
        { "almost a folder", "local:/", null },
        { "before the scheme", " local://context", null },
        { "nothing", "", null },
    };

    [Theory]
    [MemberData(nameof(WithoutClientsPolicy))]
    public void Sources(string name, string source, string? becomes) =>
        Check(name, SourcePolicies.Compose(null, [App], Prefixes), source, becomes);

    public static TheoryData<string, string, string, string?> WithClientsPolicy => new()
    {
        { "it cannot allow an image", "ALLOW docker-image://*", "docker-image://registry.example.com/team/evil:1", null },
        { "nor everything", "ALLOW *", "oci-layout://x@y", null },
        { "its denial of a decided image holds", "DENY docker-image://*", Signed, null },
        { "its denial of the digest holds", $"DENY {Signed}@{Digest}", Signed, null },
        { "its denial of folders holds", "DENY local://*", "local://context", null },
        { "its exception from its own denial holds for what was decided", $"DENY docker-image://*;ALLOW docker-image://registry.example.com/*", Signed, $"{Signed}@{Digest}" },
        { "and for nothing else", $"DENY docker-image://*;ALLOW docker-image://registry.example.com/*", "docker-image://registry.example.com/team/evil:1", null },
        { "it may lead a name to a decided image", $"CONVERT docker-image://mirror/app:1 {Signed}", "docker-image://mirror/app:1", $"{Signed}@{Digest}" },
        { "but to no other", $"CONVERT docker-image://mirror/app:1 docker-image://evil/app:1", "docker-image://mirror/app:1", null },
        { "nor a decided name to other content", $"CONVERT {Signed} {Signed}@{OtherDigest}", Signed, null },
        { "nor a digest to a tag", $"CONVERT {Signed}@{Digest} docker-image://evil/app:1", Signed, null },
        { "nor a folder to an image", "CONVERT local://context docker-image://evil/app:1", "local://context", null },
        { "what goes in circles ends", $"CONVERT {Signed}@{Digest} {Signed}", Signed, null },
    };

    [Theory]
    [MemberData(nameof(WithClientsPolicy))]
    public void A_clients_policy_can_only_narrow(string name, string rules, string source, string? becomes)
    {
        var clients = new Policy { Version = 1 };
        clients.Rules.Add(rules.Split(';').Select(r => r.Split(' ')).Select(w => new Rule
        {
            Action = Enum.Parse<PolicyAction>(w[0], ignoreCase: true),
            Selector = new Selector { Identifier = w[1], MatchType = Matching.Wildcard },
            Updates = w.Length > 2 ? new Update { Identifier = w[2] } : null,
        }));
        Check(name, SourcePolicies.Compose(clients, [App], Prefixes), source, becomes);
    }

    [Fact]
    public void Whatever_is_decided_everything_else_is_denied()
    {
        var random = new Random(4711);
        for (var round = 0; round < 200; round++)
        {
            string[] allowed = [.. Enumerable.Range(0, random.Next(6)).Select(_ => Text(random))];
            string[] prefixes = [.. Enumerable.Range(0, random.Next(3)).Select(_ => Text(random)).Where(p => p.Length > 0)];
            var pattern = new Regex(AllButThese.Pattern(allowed, prefixes), RegexOptions.CultureInvariant);
            foreach (var text in Enumerable.Range(0, 200).Select(_ => Text(random)).Concat(allowed).Concat(allowed.Select(a => a + "\n")))
            {
                var free = allowed.Contains(text) || prefixes.Any(p => text.StartsWith(p, StringComparison.Ordinal));
                Assert.True(free != pattern.IsMatch(text), $"\"{text}\" of {string.Join(',', allowed)} and {string.Join(',', prefixes)}*: {pattern}");
            }
        }

        static string Text(Random random) => new([.. Enumerable.Range(0, random.Next(5)).Select(_ => "ab.:"[random.Next(4)])]);
    }

    [Fact]
    public void The_longest_image_stays_below_what_Go_takes()
    {
        var image = new PinnedImage("registry.example.com/" + new string('r', 230), new string('t', 60), Digest);
        Assert.True(image.Pinned.Length is > 380 and <= AllButThese.LongestText, $"{image.Pinned.Length}");
        var pattern = AllButThese.Pattern([image.Pinned], []);

        // Go's parser counts a concatenation and an alternation for each group, and refuses more than a thousand.
        var (depth, deepest) = (0, 0);
        foreach (var c in pattern)
        {
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            deepest = Math.Max(deepest, depth);
        }

        Assert.True(deepest * 2 < 1000, $"{deepest}");
    }

    private static void Check(string name, Policy policy, string source, string? becomes) =>
        Assert.True(becomes == Evaluate(policy, source), $"{name}: {source} became {Evaluate(policy, source) ?? "denied"}");

    private static string? Evaluate(Policy policy, string source)
    {
        for (var i = 0; i <= 20; i++)
        {
            var (next, denied) = Pass(policy, source);
            if (next == source)
            {
                return denied ? null : source;
            }

            source = next;
        }

        return null;
    }

    private static (string Source, bool Denied) Pass(Policy policy, string source)
    {
        var denied = false;
        foreach (var rule in policy.Rules.Where(r => Matches(r.Selector, source)))
        {
            if (rule.Action != PolicyAction.Convert)
            {
                denied = rule.Action == PolicyAction.Deny;
                continue;
            }

            // An exact rule converts to its own selector.
            var next = rule.Selector.MatchType == Matching.Exact ? rule.Selector.Identifier : rule.Updates.Identifier;
            if (next != source)
            {
                return (next, false);
            }
        }

        return (source, denied);
    }

    private static bool Matches(Selector selector, string source) => selector.Identifier == source || selector.MatchType switch
    {
        Matching.Regex => Regex.IsMatch(source, selector.Identifier, RegexOptions.CultureInvariant),
        Matching.Wildcard => Regex.IsMatch(source, @"\A" + Regex.Escape(selector.Identifier).Replace(@"\*", "(?s:.*)", StringComparison.Ordinal) + @"\z"),
        _ => false,
    };
}
