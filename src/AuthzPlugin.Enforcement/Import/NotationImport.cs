using System.Text.Json.Nodes;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Policy.Json;

namespace AuthzPlugin.Enforcement.Import;

/// <summary>
/// Notation's trust policy, version 1.0. The file is used as it is; the stanza names it for the repositories that it covers. Statements that let
/// images pass without a valid signature are left out.
/// </summary>
internal static class NotationImport
{
    private const string Folder = "/etc/content-trust/notation/";
    private const string Everything = "*";

    private static readonly string[] Levels = ["strict", "permissive", "audit", "skip"];

    private static readonly IReadOnlyList<ConfigKey<Statement>> OfVerification =
    [
        new("level", "", (s, node, f) => s.Level = ConfigValue.ReadWord(node, Levels, f)),
        new("override", "", ReadOverrides),
        new("verifyTimestamp", "", (_, node, f) => ConfigValue.ReadWord(node, ["always", "afterCertExpiry"], f)),
    ];

    private static readonly IReadOnlyList<ConfigKey<Document>> Keys =
    [
        new("version", "", (d, node, f) => d.HasVersion = ConfigValue.ReadWord(node, ["1.0"], f) is not null),
        new("trustPolicies", "", ReadStatements),
    ];

    private static readonly IReadOnlyList<ConfigKey<Statement>> OfStatement =
    [
        new("name", "", CheckName),
        new("registryScopes", "", (s, node, f) => s.Scopes = [.. ConfigValue.ReadStrings(node, "scopes", f) ?? []]),
        new("signatureVerification", "", (s, node, f) => ConfigObject.Read(node, OfVerification, s, f, Explain)),
        new("trustStores", "", (s, node, f) => s.Stores = [.. (ConfigValue.ReadStrings(node, "stores", f) ?? []).Select(i => i.Text)]),
        new("trustedIdentities", "", (_, node, f) => ConfigValue.ReadStrings(node, "identities", f)),
    ];

    public static ImportDraft Convert(ConfigNode root, Findings findings)
    {
        var draft = new ImportDraft();
        var document = new Document();
        ConfigObject.Read(root, Keys, document, findings, Explain);
        if (root.Kind == ConfigKind.Object && (!document.HasVersion || document.Statements.Count == 0))
        {
            findings.Problem("$", "no version or no trustPolicies", "\"version\": \"1.0\" and \"trustPolicies\": [ … ]", "name a trust policy of Notation");
        }

        if (document.Statements.SelectMany(s => s.Scopes).GroupBy(s => s.Text).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            findings.Problem(twice.Last().Path, $"the scope {ConfigText.Quote(twice.Key)} {twice.Count()} times", "each scope once", "remove all but one");
        }

        if (findings.Problems.Count == 0)
        {
            Write(draft, document.Statements);
        }

        return draft;
    }

    private static void Write(ImportDraft draft, List<Statement> statements)
    {
        var toAll = statements.Exists(s => s.Passes is null && s.Scopes.Any(scope => scope.Text == Everything));
        foreach (var statement in statements)
        {
            foreach (var scope in statement.Scopes)
            {
                Write(draft, statement, scope, toAll);
            }
        }

        draft.ToDo("$", $"copy the file and its trust store: trustpolicy.json and truststore to {Folder}, of root and writable by nobody else");
        foreach (var store in statements.Where(s => s.Passes is null).SelectMany(s => s.Stores).Distinct(StringComparer.Ordinal))
        {
            draft.ToDo("$", $"the trust store {ConfigText.Quote(store)} must be there: {Folder}truststore/x509/{ConfigText.Escape(store.Replace(':', '/'))}");
        }

        if (statements.Exists(s => s.Passes is null && s.EnforcesRevocation))
        {
            draft.ToDo(
                "$",
                "a statement enforces revocation: name the hosts of OCSP responders and lists in \"revocation-hosts\", or a folder of lists in \"crls\", "
                + "or override revocation there with \"skip\" or \"log\"");
        }
    }

    private static void Write(ImportDraft draft, Statement statement, ConfigNode scope, bool toAll)
    {
        if (scope.Text != Everything && !IsRepository(scope.Text))
        {
            draft.Stricter(scope.Path, $"{ConfigText.Quote(scope.Text)} is no full repository name here, and has no entry: write one under its full name");
            return;
        }

        if (statement.Passes is not { } why)
        {
            draft.Add(scope.Text, new JsonObject
            {
                ["notation"] = new JsonObject { ["trust-policy"] = Folder + "trustpolicy.json", ["trust-store"] = Folder + "truststore" },
            });
            return;
        }

        draft.Stricter(scope.Path, $"{why} admits images without a valid signature there; here they are refused");
        if (toAll && scope.Text != Everything)
        {
            draft.Add(scope.Text, ImportDraft.Refusing());
            draft.ToDo(scope.Path, $"the entry {ConfigText.Quote(scope.Text)} refuses, by asking for Notary v1: pin no root key that covers it");
        }
    }

    private static void ReadStatements(Document document, ConfigNode node, Findings findings)
    {
        if (node.Kind != ConfigKind.Array)
        {
            findings.Problem(node, "a list of statements", "write [ { … } ]");
            return;
        }

        foreach (var item in node.Items)
        {
            var statement = new Statement();
            ConfigObject.Read(item, OfStatement, statement, findings, Explain);
            document.Statements.Add(statement);
            if (item.Kind == ConfigKind.Object && (statement.Level is null || statement.Scopes.Count == 0))
            {
                findings.Problem(item.Path, "no level or no scopes", "registryScopes and signatureVerification.level", "repair it there");
            }
        }
    }

    private static void CheckName(Statement statement, ConfigNode node, Findings findings)
    {
        if (node.Kind != ConfigKind.String)
        {
            findings.Problem(node, "a string", "write it in quotes");
        }
    }

    private static void ReadOverrides(Statement statement, ConfigNode node, Findings findings)
    {
        string[] checks = ["integrity", "authenticity", "authenticTimestamp", "expiry", "revocation"];
        foreach (var (name, value) in ConfigObject.ReadMap(node, findings) ?? [])
        {
            var action = ConfigValue.ReadWord(value, ["enforce", "log", "skip"], findings);
            if (!checks.Contains(name, StringComparer.Ordinal))
            {
                findings.Problem(value.Path, $"the unknown check {ConfigText.Quote(name)}", ConfigText.OneOf(checks), "repair it there");
            }

            statement.Authenticity = name == "authenticity" ? action : statement.Authenticity;
            statement.Revocation = name == "revocation" ? action : statement.Revocation;
        }
    }

    private static string Explain(string name) => "remove it there, or update content-trust";

    private static bool IsRepository(string text)
    {
        var findings = new Findings("");
        RepositoryPattern.Check(text, wildcardAllowed: false, "", findings);
        return findings.Problems.Count == 0;
    }

    private sealed class Document
    {
        public bool HasVersion { get; set; }

        public List<Statement> Statements { get; } = [];
    }

    private sealed class Statement
    {
        public IReadOnlyList<ConfigNode> Scopes { get; set; } = [];

        public string? Level { get; set; }

        /// <summary>What an override makes of the check of who signed.</summary>
        public string? Authenticity { get; set; }

        /// <summary>What an override makes of the check of revoked certificates.</summary>
        public string? Revocation { get; set; }

        public bool EnforcesRevocation => (Revocation ?? (Level == "strict" ? "enforce" : "log")) == "enforce";

        public IReadOnlyList<string> Stores { get; set; } = [];

        /// <summary>What lets an image pass although nobody trusted signed it; null: nothing.</summary>
        public string? Passes => (Level, Authenticity) switch
        {
            ("skip", _) => "the level skip",
            (_, "log" or "skip") => $"the override of authenticity ({Authenticity})",
            ("audit", not "enforce") => "the level audit",
            _ => null,
        };
    }
}
