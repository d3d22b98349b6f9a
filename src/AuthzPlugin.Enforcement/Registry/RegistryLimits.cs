namespace AuthzPlugin.Enforcement.Registry;

/// <summary>What is read at most from a registry, which may be hostile. Everything beyond ends the search, and what was not found does not count.</summary>
internal static class RegistryLimits
{
    /// <summary>Bytes of a manifest or index (the distribution specification's own limit).</summary>
    public const int ManifestBytes = 4 * 1024 * 1024;

    /// <summary>Hosts that a blob may be redirected through.</summary>
    public const int Redirects = 3;

    /// <summary>Pages of one list of referrers.</summary>
    public const int ReferrerPages = 10;

    /// <summary>Manifests that are opened for one image, whatever lists them.</summary>
    public const int Manifests = 100;

    /// <summary>Signatures that are looked at for one image.</summary>
    public const int Signatures = 100;

    /// <summary>Manifests of one index that are opened to find an image's configuration.</summary>
    public const int Platforms = 32;

    /// <summary>Bytes that are read for one image, all its manifests and blobs together.</summary>
    public const int TotalBytes = 32 * 1024 * 1024;
}
