namespace AuthzPlugin.Enforcement.Import.Containers;

/// <summary>What a requirement asks for.</summary>
internal enum RequirementKind
{
    Accept,
    Reject,

    /// <summary>GPG "simple signing", and kinds that were never implemented.</summary>
    Foreign,
    Sigstore,
}

/// <summary>One policy requirement, while it is being read; all of a list must be met.</summary>
/// <param name="path">JSON path in the file.</param>
internal sealed class Requirement(string path)
{
    public string Path => path;

    public RequirementKind? Kind { get; set; }

    /// <summary>The word of <c>type</c>.</summary>
    public string Word { get; set; } = "";

    /// <summary>Paths of files with a public key; one of all keys must have signed.</summary>
    public List<string> KeyPaths { get; } = [];

    /// <summary>Public keys in base64.</summary>
    public List<string> KeyData { get; } = [];

    /// <summary>How many of the members were there that say which keys count; one is legal.</summary>
    public int KeySources { get; set; }

    public Fulcio? Fulcio { get; set; }

    /// <summary>X.509 certificates of a CA of one's own, without Fulcio.</summary>
    public bool Pki { get; set; }

    /// <summary>The name of the member with the transparency log's key; null: there is none.</summary>
    public string? Rekor { get; set; }

    /// <summary>The <c>type</c> of <c>signedIdentity</c>; what stands there without one.</summary>
    public string Identity { get; set; } = "matchRepoDigestOrExact";
}

/// <summary>Whose certificates of Fulcio count.</summary>
internal sealed class Fulcio
{
    public string? Ca { get; set; }

    public string? Issuer { get; set; }

    public string? Email { get; set; }
}
