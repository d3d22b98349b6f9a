using AuthzPlugin.Enforcement.Policy.Json;
using AuthzPlugin.Trust.Notation;

namespace AuthzPlugin.Enforcement.Policy.Signatures;

/// <summary>What is said about a trust policy of notation: what cannot be enforced here, and what is legal but has consequences.</summary>
internal static class NotationAdvice
{
    /// <summary>The statements that can apply to a repository of a pattern.</summary>
    public static IReadOnlyList<NotationStatement> Applicable(NotationTrustPolicy policy, string pattern)
    {
        var isWildcard = pattern.EndsWith('*');
        var named = policy.Statements
            .Where(s => s.Scopes.Any(scope => isWildcard ? scope.StartsWith(pattern[..^1], StringComparison.Ordinal) : scope == pattern))
            .ToArray();
        return !isWildcard && named.Length > 0 ? named : [.. named, .. policy.Statements.Where(s => s.IsGlobal)];
    }

    public static void Give(IReadOnlyList<NotationStatement> statements, string pattern, NotationDraft draft, Findings findings)
    {
        var node = draft.TrustPolicy!;
        if (statements.Count == 0)
        {
            findings.Problem(
                node.Path,
                $"{ConfigText.Quote(node.Text)}, which has no statement for {ConfigText.Escape(pattern)}",
                "a trust policy with a registry scope of the entry, or with \"*\"",
                "add a statement for these repositories");
        }

        foreach (var statement in statements)
        {
            var what = $"{ConfigText.Quote(node.Text)} with the statement {ConfigText.Quote(statement.Name)}";
            if (statement.Revocation == NotationAction.Enforce && !KnowsRevocation(draft))
            {
                findings.Problem(
                    node.Path,
                    $"{what}, which enforces revocation, and nothing here says what is revoked",
                    "hosts that are asked for revocation, or a folder of lists of revoked certificates, beside a statement that enforces it",
                    "add \"revocation-hosts\": [ \"ocsp.example.com\" ] or \"crls\": \"/etc/content-trust/notation/crl\", or \"override\": { \"revocation\": \"skip\" } (or \"log\") in its signatureVerification, "
                    + "or choose the level permissive");
            }

            Warn(statement, what, draft, findings);
        }
    }

    private static bool KnowsRevocation(NotationDraft draft) => draft.Lists is not null || draft.Hosts.Count > 0;

    private static void Warn(NotationStatement statement, string what, NotationDraft draft, Findings findings)
    {
        var path = draft.TrustPolicy!.Path;
        if (statement.IsSkipped)
        {
            findings.Warning(
                path,
                $"{what}, whose level is skip: nothing is verified, so images of its repositories do not count as signed",
                "a level that verifies",
                "write another level, or give these repositories an entry without notation");
        }

        if (statement.LogsAuthenticity)
        {
            findings.Warning(
                path,
                $"{what}, which only logs authenticity: it is enforced here, since a signature of a stranger is no evidence",
                "strict or permissive",
                "write \"level\": \"permissive\"");
        }

        if (statement.OtherIdentities.Count > 0)
        {
            findings.Warning(
                path,
                $"{what} and the identity {ConfigText.Quote(statement.OtherIdentities[0])}, which only a plugin of notation compares: it matches nobody",
                "identities that begin with x509.subject:",
                "name the subject of the signing certificate");
        }

        if (!KnowsRevocation(draft) && statement.Stores.Any(s => s.Kind == NotationStoreKind.Timestamps))
        {
            findings.Warning(
                path,
                $"{what}, which has a tsa store: timestamps of authorities whose certificates can be revoked do not count like this",
                "\"revocation-hosts\" or \"crls\" beside a tsa store",
                "name the hosts that the authority's certificates name in revocation-hosts, or a folder with its lists in crls");
        }
    }
}
