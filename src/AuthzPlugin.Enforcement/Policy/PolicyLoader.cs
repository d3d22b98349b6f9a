using AuthzPlugin.Enforcement.Policy.Json;

namespace AuthzPlugin.Enforcement.Policy;

/// <summary>Reads the policy from its files. It keeps nothing, so it can be called at any time and from any thread.</summary>
public sealed class PolicyLoader(PolicyPaths paths)
{
    /// <summary>
    /// Never throws for anything that the files can hold or that can be wrong with them. Takes milliseconds: at most 2 MiB are
    /// read.
    /// </summary>
    /// <summary>Reads one file, of either form: a daemon.json, or the stanza alone.</summary>
    public static PolicyLoadResult LoadOne(string path)
    {
        var file = ConfigFile.Read(path);
        file = file.IsAbsent ? file with { Fault = "no file" } : file;
        var none = new ConfigFile("no other file", null, null, false);
        return StanzaSearch.IsDaemonConfig(file) ? PolicyReader.Read(file, none) : PolicyReader.Read(none, file);
    }

    public PolicyLoadResult Load() => PolicyReader.Read(ConfigFile.Read(paths.DaemonConfig), ConfigFile.Read(paths.PolicyFile));
}
