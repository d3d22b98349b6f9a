using System.Runtime.InteropServices;
using AuthzPlugin.Gate.BuildKit.Policies;

namespace AuthzPlugin.Gate.BuildKit;

/// <summary>What the attributes of a build say to BuildKit's Dockerfile frontend, by the names that it gives them.</summary>
internal sealed class BuildAttributes(IReadOnlyDictionary<string, string> attributes)
{
    private const string ContextPrefix = "context:";
    private const string ArgumentPrefix = "build-arg:";

    /// <summary>The Dockerfile's path in its folder.</summary>
    public string FileName => attributes.GetValueOrDefault("filename", "Dockerfile");

    /// <summary>The session's name of the Dockerfile's folder.</summary>
    public string Folder => attributes.GetValueOrDefault("dockerfilekey", "dockerfile");

    /// <summary>The stage that is built; null for the last.</summary>
    public string? Target => attributes.GetValueOrDefault("target");

    /// <summary>The session that has the Dockerfile's folder, when it is not the build's own.</summary>
    public string? FolderSession => attributes.GetValueOrDefault("local-sessionid:" + Folder);

    /// <summary>The whole context, Dockerfile included, comes from a URL; null when it comes from the client.</summary>
    public string? RemoteContext =>
        attributes.ContainsKey("dockerfilekey") ? null : attributes.GetValueOrDefault(attributes.GetValueOrDefault("contextkey", "context"));

    public IReadOnlyDictionary<string, string> Arguments { get; } = attributes
        .Where(a => a.Key.StartsWith(ArgumentPrefix, StringComparison.Ordinal))
        .ToDictionary(a => a.Key[ArgumentPrefix.Length..], a => a.Value, StringComparer.Ordinal);

    /// <summary>The image of the frontend that shall read the Dockerfile instead of the built-in one, as the request has it; null for none.</summary>
    public string? FrontendImage => attributes.TryGetValue("source", out var source) ? source
        : Arguments.TryGetValue("BUILDKIT_SYNTAX", out var syntax) ? syntax.Trim().Split(' ')[0]
        : null;

    /// <summary>The Dockerfile's own word about the frontend does not count.</summary>
    public bool FrontendIsChosen => FrontendImage is not null || attributes.ContainsKey("cmdline");

    /// <summary>Images that the request itself names: named contexts and the scanner of <c>--sbom</c>.</summary>
    public IEnumerable<string> NamedImages =>
        attributes.Where(a => a.Key.StartsWith(ContextPrefix, StringComparison.Ordinal))
            .Where(a => a.Value.StartsWith(PinnedImage.Scheme, StringComparison.Ordinal))
            .Select(a => a.Value[PinnedImage.Scheme.Length..])
            .Where(image => image != "scratch")
            .Concat((attributes.GetValueOrDefault("attest:sbom") ?? "").Split(',')
                .Where(part => part.StartsWith("generator=", StringComparison.Ordinal))
                .Select(part => part["generator=".Length..]))
            .Distinct(StringComparer.Ordinal);

    /// <summary>Whether a named context stands in for this image or stage.</summary>
    public bool IsReplaced(string name)
    {
        var shortest = WithoutPrefix(WithoutPrefix(name, "docker.io/"), "library/");
        shortest = shortest.EndsWith(":latest", StringComparison.Ordinal) ? shortest[..^":latest".Length] : shortest;
        return attributes.Keys.Any(k => k.StartsWith(ContextPrefix, StringComparison.Ordinal)
            && string.Equals(k[ContextPrefix.Length..].Split("::")[0], shortest, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>What the frontend defines itself, once for each platform that is built for.</summary>
    public IEnumerable<IReadOnlyDictionary<string, string>> Platforms()
    {
        var here = Platform.OfThisMachine();
        var wanted = attributes.GetValueOrDefault("platform", "");
        return wanted.Length == 0
            ? [Arguments(here, here)]
            : wanted.Split(',').Take(MaxPlatforms).Select(p => Arguments(here, Platform.Parse(p)));

        static Dictionary<string, string> Arguments(Platform build, Platform target) => new(StringComparer.Ordinal)
        {
            ["BUILDPLATFORM"] = build.ToString(),
            ["BUILDOS"] = build.Os,
            ["BUILDARCH"] = build.Architecture,
            ["BUILDVARIANT"] = build.Variant,
            ["TARGETPLATFORM"] = target.ToString(),
            ["TARGETOS"] = target.Os,
            ["TARGETARCH"] = target.Architecture,
            ["TARGETVARIANT"] = target.Variant,
        };
    }

    private const int MaxPlatforms = 16;

    private static string WithoutPrefix(string text, string prefix) =>
        text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text;

    private sealed record Platform(string Os, string Architecture, string Variant)
    {
        public static Platform OfThisMachine() => Normal("linux", RuntimeInformation.OSArchitecture switch
        {
            System.Runtime.InteropServices.Architecture.X64 => "amd64",
            System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
            var other => other.ToString().ToLowerInvariant(),
        }, "");

        public static Platform Parse(string text)
        {
            var parts = text.Trim().Split('/');
            return Normal(parts[0], parts.ElementAtOrDefault(1) ?? "", parts.ElementAtOrDefault(2) ?? "");
        }

        public override string ToString() => Variant.Length == 0 ? $"{Os}/{Architecture}" : $"{Os}/{Architecture}/{Variant}";

        // The spellings that containerd folds together.
        private static Platform Normal(string os, string architecture, string variant) => (architecture, variant) switch
        {
            ("x86_64" or "x86-64", _) => new(os, "amd64", variant),
            ("aarch64", _) or ("arm64", "8" or "v8") => new(os, "arm64", ""),
            ("arm", "" or "7") => new(os, "arm", "v7"),
            _ => new(os, architecture, variant),
        };
    }
}
