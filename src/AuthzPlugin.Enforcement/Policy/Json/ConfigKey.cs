namespace AuthzPlugin.Enforcement.Policy.Json;

/// <summary>One key that an object of the configuration may have. A table of these is all there is to know about the object.</summary>
/// <typeparam name="T">What the values are read into.</typeparam>
/// <param name="Name">The spelling to write.</param>
/// <param name="Default">As the reference shows it; JSON, or a word for what happens without the key.</param>
/// <param name="Read">Reads the value, or reports why not; never throws for anything that a file can hold.</param>
/// <param name="Aliases">Historic spellings: read, with a warning.</param>
internal sealed record ConfigKey<T>(string Name, string Default, Action<T, ConfigNode, Findings> Read, params string[] Aliases)
{
    public bool IsSpelled(string name) => Name == name || Aliases.Contains(name, StringComparer.Ordinal);
}
