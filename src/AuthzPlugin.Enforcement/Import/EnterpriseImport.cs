using System.Text;
using System.Text.Json.Nodes;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Policy.Json;

namespace AuthzPlugin.Enforcement.Import;

/// <summary>The <c>content-trust</c> object of Docker Enterprise and Mirantis Container Runtime: the same keys under their present names.</summary>
internal static class EnterpriseImport
{
    private const string Name = "content-trust";
    private const string Pinning = "trust-pinning";

    public static ImportDraft Convert(ConfigFile file, Findings findings)
    {
        var draft = new ImportDraft();
        var stanzas = StanzaSearch.InDaemonConfig(file, findings);
        if (findings.Problems.Count > 0)
        {
            return draft;
        }

        if (stanzas is not [var stanza])
        {
            findings.Problem(
                "$",
                stanzas.Count == 0 ? "no content-trust object" : $"{stanzas.Count} content-trust objects",
                "\"content-trust\": { … }",
                stanzas.Count == 0 ? "name the daemon.json of an engine that verifies signatures" : "remove all but one");
            return draft;
        }

        Copy(draft, stanza, findings);
        if (findings.Problems.Count == 0)
        {
            Check(draft, file, findings);
        }

        if (findings.Problems.Count == 0)
        {
            Explain(draft, file, stanza);
        }

        return draft;
    }

    private static void Copy(ImportDraft draft, ConfigNode stanza, Findings findings)
    {
        foreach (var (name, value) in ConfigObject.ReadMap(stanza, findings) ?? [])
        {
            // Keys of ours that somebody has added already mean themselves.
            if (PolicyKeys.All.FirstOrDefault(k => k.IsSpelled(name))?.Name is not { } key)
            {
                draft.Looser(value.Path, "a key that is not known here; what it asks for is not in the stanza");
                continue;
            }

            Put(draft.Stanza, key, key == Pinning ? Pins(draft, value, findings) : ToJson(value, findings), value, findings);
        }

        if (!stanza.Members.Exists(m => m.Name == "mode"))
        {
            draft.Stricter(stanza.Path, "there is no mode, which is disabled there; enforced is written here");
        }
    }

    private static JsonNode? Pins(ImportDraft draft, ConfigNode node, Findings findings)
    {
        if (node.Kind != ConfigKind.Object)
        {
            return ToJson(node, findings);
        }

        var result = new JsonObject();
        foreach (var (name, value) in ConfigObject.ReadMap(node, findings) ?? [])
        {
            if (PinningKeys.All.FirstOrDefault(k => k.IsSpelled(name))?.Name is { } key)
            {
                Put(result, key, ToJson(value, findings), value, findings);
            }
            else
            {
                draft.Looser(value.Path, "a kind of pin that is not known here; it is not in the stanza, and a wider pin may count instead");
            }
        }

        return result;
    }

    private static void Put(JsonObject target, string key, JsonNode? json, ConfigNode value, Findings findings)
    {
        if (target.ContainsKey(key) && key != "mode")
        {
            findings.Problem(value.Path, $"a second spelling of \"{key}\"", "one spelling", $"keep \"{key}\" only");
        }

        target[key] = json;
    }

    /// <summary>What is wrong with a value is said by the reader that will read it.</summary>
    private static void Check(ImportDraft draft, ConfigFile file, Findings findings)
    {
        var bytes = Encoding.UTF8.GetBytes(new JsonObject { ["builder"] = new JsonObject { [Name] = draft.Stanza.DeepClone() } }.ToJsonString());
        var read = PolicyReader.Read(file with { Bytes = bytes, WritableByStrangers = false }, new ConfigFile("", null, null, false));
        foreach (var problem in read.Problems)
        {
            findings.Problem(problem.Path.Replace($"builder.{Name}", Name, StringComparison.Ordinal), problem.Found, problem.Legal, problem.NextStep);
        }
    }

    private static void Explain(ImportDraft draft, ConfigFile file, ConfigNode stanza)
    {
        if (draft.Stanza["mode"]?.ToJsonString() == "\"disabled\"")
        {
            draft.NotUsed(stanza.PathOf("mode"), "disabled, there and here: nothing is refused");
        }

        if (draft.Stanza[Pinning]?["official-library-images"]?.ToJsonString() == "true")
        {
            draft.Stricter(stanza.PathOf(Pinning), "Docker's trust data for its official images has expired, so they are refused");
        }

        draft.Stricter(stanza.Path, "nothing is trusted on first use: a repository without a pin is refused");
        if (stanza.Path == Name)
        {
            draft.ToDo(
                stanza.Path,
                "a stock dockerd does not start with it at the top level: move it below builder, or make it the whole of /etc/docker/content-trust.json");
        }

        if (file.Bytes is { } bytes && ConfigJson.TryParse(bytes.Span, out var root, out _)
            && !root.Members.Exists(m => m.Name == "authorization-plugins" && m.Value.Items.Exists(i => i.Text == Name)))
        {
            draft.ToDo("authorization-plugins", "name content-trust there: without it the engine asks nobody");
        }
    }

    private static JsonNode? ToJson(ConfigNode node, Findings findings)
    {
        switch (node.Kind)
        {
            case ConfigKind.Object:
                var members = new JsonObject();
                foreach (var (name, value) in ConfigObject.ReadMap(node, findings) ?? [])
                {
                    members[name] = ToJson(value, findings);
                }

                return members;
            case ConfigKind.Array:
                return new JsonArray([.. node.Items.Select(i => ToJson(i, findings))]);
            case ConfigKind.String:
                return JsonValue.Create(node.Text);
            case ConfigKind.Null:
                return null;
            default:
                return JsonNode.Parse(node.Text);
        }
    }
}
