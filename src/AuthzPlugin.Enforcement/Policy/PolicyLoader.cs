using AuthzPlugin.Enforcement.Policy.Json;

namespace AuthzPlugin.Enforcement.Policy;

/// <summary>Reads the policy from its files. It keeps nothing, so it can be called at any time and from any thread.</summary>
public sealed class PolicyLoader(PolicyPaths paths)
{
    /// <summary>
    /// Never throws for anything that the files can hold or that can be wrong with them. Takes milliseconds: at most 2 MiB are
    /// read.
    /// </summary>
    public PolicyLoadResult Load() => PolicyReader.Read(ConfigFile.Read(paths.DaemonConfig), ConfigFile.Read(paths.PolicyFile));
}
