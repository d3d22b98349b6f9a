using System.Text.Json.Nodes;

namespace AuthzPlugin.Enforcement.Import;

/// <summary>A stanza and its notes, while they are being made.</summary>
internal sealed class ImportDraft
{
    private readonly List<ImportNote> _notes = [];
    private readonly JsonObject _policies = [];

    /// <summary>Begins with the mode, in which the other programs are always.</summary>
    public JsonObject Stanza { get; } = new() { ["mode"] = "enforced" };

    public IReadOnlyList<ImportNote> Notes => _notes;

    /// <summary>An entry that nothing satisfies: Notary v1, for which no key is pinned.</summary>
    public static JsonObject Refusing() => new() { ["notary-v1"] = true };

    public void Note(ImportEffect effect, string path, string text) => _notes.Add(new ImportNote(effect, path, text));

    public void Looser(string path, string text) => Note(ImportEffect.Looser, path, text);

    public void Stricter(string path, string text) => Note(ImportEffect.Stricter, path, text);

    public void ToDo(string path, string text) => Note(ImportEffect.ToDo, path, text);

    public void NotUsed(string path, string text) => Note(ImportEffect.NotUsed, path, text);

    /// <summary>An entry of <c>signature-policies</c>.</summary>
    public void Add(string pattern, JsonObject entry)
    {
        _policies[pattern] = entry;
        if (_policies.Parent is null)
        {
            Stanza["signature-policies"] = _policies;
        }
    }
}
