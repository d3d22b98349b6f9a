using AuthzPlugin.Enforcement.Policy.Json;

namespace AuthzPlugin.Enforcement.Import;

/// <summary>
/// Turns the policies of other programs into the stanza. What cannot be said in the same words is said in stricter ones; every difference is a
/// note. Files are read as the policy's own are: at most 1 MiB and 64 levels, no key twice, no unknown key. Never throws for what a file holds.
/// </summary>
public static class PolicyImport
{
    /// <summary>Notation's trustpolicy.json or trustpolicy.oci.json, version 1.0.</summary>
    public static ImportResult Notation(string path) => Read(path, NotationImport.Convert);

    /// <summary>containers-policy.json(5), of Podman, Skopeo, CRI-O and Buildah.</summary>
    public static ImportResult ContainersPolicy(string path) => Read(path, Containers.ContainersImport.Convert);

    /// <summary>daemon.json of Docker Enterprise and Mirantis Container Runtime.</summary>
    public static ImportResult Mirantis(string path)
    {
        var file = Present(path);
        var findings = new Findings(file.Path);
        return Result(EnterpriseImport.Convert(file, findings), findings);
    }

    private static ImportResult Read(string path, Func<ConfigNode, Findings, ImportDraft> convert)
    {
        var file = Present(path);
        var findings = new Findings(file.Path);
        if (file.Bytes is not { } bytes)
        {
            findings.Problem("$", file.Fault!, "a regular file of at most 1 MiB that you can read", "repair the file, or name another one");
            return Result(new ImportDraft(), findings);
        }

        if (!ConfigJson.TryParse(bytes.Span, out var root, out var problem))
        {
            findings.Problem("$", problem, "JSON in UTF-8", "repair it there");
            return Result(new ImportDraft(), findings);
        }

        return Result(convert(root, findings), findings);
    }

    private static ConfigFile Present(string path)
    {
        var file = ConfigFile.Read(path);
        return file.IsAbsent ? file with { Fault = "no file" } : file;
    }

    private static ImportResult Result(ImportDraft draft, Findings findings) => findings.Problems.Count > 0
        ? new ImportResult { Problems = findings.Problems }
        : new ImportResult { Stanza = draft.Stanza, Notes = [.. draft.Notes.OrderBy(n => n.Effect != ImportEffect.Looser)] };
}
