using System.Globalization;
using AuthzPlugin.Enforcement.Policy.Json;

namespace AuthzPlugin.Enforcement.Import.Containers;

/// <summary>
/// containers-policy.json(5). Its scopes of the transport <c>docker</c> become entries of <c>signature-policies</c>: a scope without an entry of
/// its own would fall to that of a wider scope here, so what cannot be said becomes an entry that refuses, or the wider one is left out.
/// </summary>
internal static class ContainersImport
{
    /// <summary>Most scopes of one file.</summary>
    private const int MaxScopes = 1000;

    private const string Everything = "*";

    private static readonly IReadOnlyList<ConfigKey<Sources>> Keys =
    [
        new("default", "", (s, node, f) => s.Default = (node.Path, RequirementKeys.Read(node, f))),
        new("transports", "", ReadTransports),
    ];

    public static ImportDraft Convert(ConfigNode root, Findings findings)
    {
        var draft = new ImportDraft();
        var sources = new Sources();
        ConfigObject.Read(root, Keys, sources, findings, _ => "remove it there, or update content-trust");
        if (root.Kind == ConfigKind.Object && !root.Members.Exists(m => m.Name == "default"))
        {
            findings.Problem("default", "no default", "a list of requirements", "write it there: no program takes the file without it");
        }

        if (sources.Scopes.Count > MaxScopes)
        {
            findings.Problem(
                "transports.docker",
                string.Create(CultureInfo.InvariantCulture, $"{sources.Scopes.Count} scopes"),
                string.Create(CultureInfo.InvariantCulture, $"at most {MaxScopes}"),
                "split the file, or join scopes");
        }

        // Whatever is wrong ends in problems and no stanza.
        if (findings.Problems.Count == 0)
        {
            foreach (var transport in sources.Others)
            {
                draft.NotUsed(transport, "only images of registries are decided here, in the transport docker");
            }

            Write(draft, sources);
        }

        return draft;
    }

    private static void ReadTransports(Sources sources, ConfigNode node, Findings findings)
    {
        foreach (var (transport, scopes) in ConfigObject.ReadMap(node, findings) ?? [])
        {
            if (transport != "docker")
            {
                sources.Others.Add(node.PathOf(transport));
            }

            foreach (var (scope, requirements) in ConfigObject.ReadMap(scopes, findings) ?? [])
            {
                var read = RequirementKeys.Read(requirements, findings);
                if (transport == "docker" && scope.Length == 0)
                {
                    sources.Default = (requirements.Path, read);
                    sources.HasDockerDefault = true;
                }
                else if (transport == "docker")
                {
                    sources.Scopes.Add((Scope.Of(scope, requirements.Path), read));
                }
            }
        }
    }

    private static void Write(ImportDraft draft, Sources sources)
    {
        var conversion = new RequirementConversion(draft);
        var (defaultPath, defaultRequirements) = sources.Default;
        var rest = conversion.Convert(defaultRequirements);
        if (rest.Accepts)
        {
            draft.Stricter(
                defaultPath, "everything is admitted there; here what has no entry and no pin is refused. For one image and a time there are exceptions");
        }

        var decided = sources.Scopes.Select(s => (s.Scope, Outcome: conversion.Convert(s.Requirements))).ToArray();
        rest = NarrowForHosts(draft, decided, rest, defaultPath);
        var entries = ByPattern(draft, decided);
        if (rest.Asks)
        {
            entries.TryAdd(Everything, rest);
        }

        foreach (var (pattern, outcome) in entries)
        {
            if (outcome.Asks)
            {
                draft.Add(pattern, (System.Text.Json.Nodes.JsonObject)outcome.Entry!.DeepClone());
            }
            else if (!outcome.Accepts && entries.Any(e => e.Value.Asks && IsWider(e.Key, pattern)))
            {
                draft.Add(pattern, ImportDraft.Refusing());
                draft.ToDo("transports.docker", $"the entry {ConfigText.Quote(pattern)} refuses, by asking for Notary v1: pin no root key that covers it");
            }
        }
    }

    /// <summary>Hosts below a domain have no pattern here: what all others must meet would count for them.</summary>
    private static Outcome NarrowForHosts(ImportDraft draft, (Scope Scope, Outcome Outcome)[] decided, Outcome rest, string defaultPath)
    {
        foreach (var (scope, outcome) in decided.Where(d => d.Scope.Kind == ScopeKind.Hosts))
        {
            draft.Stricter(
                scope.Path, "hosts below a domain cannot be named here: write an entry for each host; until then they are refused or decided as all others");
            if (rest.Asks && !outcome.Accepts && !outcome.IsSameAs(rest))
            {
                draft.Stricter(defaultPath, $"left out, because it would count for the hosts of {scope.Path} as well: what has no entry is refused");
                rest = Outcome.Refuse;
            }
        }

        return rest;
    }

    private static Dictionary<string, Outcome> ByPattern(ImportDraft draft, (Scope Scope, Outcome Outcome)[] decided)
    {
        var result = new Dictionary<string, Outcome>(StringComparer.Ordinal);
        foreach (var (scope, outcome) in decided)
        {
            switch (scope.Kind)
            {
                case ScopeKind.Nothing:
                    draft.NotUsed(scope.Path, "no reference begins so, there nor here");
                    break;
                case ScopeKind.Below:
                    if (outcome.Accepts)
                    {
                        draft.Stricter(scope.Path, "everything is admitted there; here it is refused, or needs what a wider entry asks for");
                    }

                    foreach (var pattern in scope.Patterns)
                    {
                        result[pattern] = outcome;
                    }

                    break;
            }
        }

        // Last: the whole repository gives way to one tag of it.
        foreach (var (scope, outcome) in decided.Where(d => d.Scope.Kind == ScopeKind.Single))
        {
            draft.Stricter(scope.Path, outcome.Accepts
                ? "one tag or digest cannot be named here, and needs what its repository needs"
                : "one tag or digest cannot be named here: all of its repository is refused; write an entry for the repository");
            if (!outcome.Accepts)
            {
                result[scope.Patterns[0]] = Outcome.Refuse;
            }
        }

        return result;
    }

    private static bool IsWider(string pattern, string other) =>
        pattern != other && pattern.EndsWith('*') && other.StartsWith(pattern[..^1], StringComparison.Ordinal);

    /// <summary>What the file says, before anything is decided about it.</summary>
    private sealed class Sources
    {
        private (string Path, IReadOnlyList<Requirement> Requirements) _default = ("default", []);

        /// <summary>For what no scope covers: the transport's own, wherever it stands, else that of the file.</summary>
        public (string Path, IReadOnlyList<Requirement> Requirements) Default
        {
            get => _default;
            set => _default = HasDockerDefault ? _default : value;
        }

        public bool HasDockerDefault { get; set; }

        public List<(Scope Scope, IReadOnlyList<Requirement> Requirements)> Scopes { get; } = [];

        /// <summary>Paths of the other transports.</summary>
        public List<string> Others { get; } = [];
    }
}
