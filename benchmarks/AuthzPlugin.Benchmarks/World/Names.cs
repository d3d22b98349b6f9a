namespace AuthzPlugin.Benchmarks.World;

/// <summary>How the repositories, images and containers of the simulated world are called.</summary>
internal static class Names
{
    public const string Registry = "bench.example";

    /// <summary>The one tag of every repository.</summary>
    public const string Tag = "1";

    /// <summary>A repository whose image the engine has.</summary>
    public const string App = Registry + "/app";

    /// <summary>The container that runs it, once it was created.</summary>
    public static readonly string Container = new('c', 64);

    /// <summary>One of many repositories, all at the same trust server.</summary>
    public static string Numbered(string group, int number) => $"{Registry}/{group}/r{number}";

    /// <summary>A repository with a trust server of its own.</summary>
    public static string Alone(int number) => $"{Registry}/alone-{number}/app";

    /// <summary>The digest that is signed for a repository's tag, in hex.</summary>
    public static string DigestOf(string repository) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(repository)));

    /// <summary>The id of the image with that digest, in hex.</summary>
    public static string ImageIdOf(string repository) => DigestOf("image of " + repository);
}
