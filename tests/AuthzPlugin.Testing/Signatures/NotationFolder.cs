using System.Text.Json.Nodes;

namespace AuthzPlugin.Testing.Signatures;

/// <summary>A trust policy and a trust store in a folder, as notation has them and as the policy names them.</summary>
public sealed class NotationFolder
{
    private const UnixFileMode ForAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly string _root;

    public NotationFolder(string root)
    {
        _root = root;
        Directory.CreateDirectory(TrustStore, ForAll);
    }

    public string TrustPolicy => Path.Combine(_root, "trustpolicy.json");

    public string TrustStore => Path.Combine(_root, "truststore");

    public string Lists => Path.Combine(_root, "crl");

    /// <summary>A statement; what is not said is strict without revocation, for everything.</summary>
    public static JsonObject Statement(
        string name = "all", string scope = "*", string level = "strict", string[]? stores = null, string[]? identities = null, JsonObject? overrides = null) => new()
        {
            ["name"] = name,
            ["registryScopes"] = new JsonArray(scope),
            ["signatureVerification"] = new JsonObject
            {
                ["level"] = level,
                ["override"] = overrides ?? new JsonObject { ["revocation"] = "skip" },
            },
            ["trustStores"] = new JsonArray([.. (stores ?? ["ca:acme"]).Select(s => JsonValue.Create(s))]),
            ["trustedIdentities"] = new JsonArray([.. (identities ?? ["x509.subject: C=US, ST=WA, O=Acme"]).Select(s => JsonValue.Create(s))]),
        };

    public NotationFolder With(params JsonObject[] statements)
    {
        Write(TrustPolicy, new JsonObject { ["version"] = "1.0", ["trustPolicies"] = new JsonArray([.. statements]) }.ToJsonString());
        return this;
    }

    /// <summary>Puts a certificate into a store, <c>ca</c>, <c>acme</c>.</summary>
    public NotationFolder With(string kind, string store, TestCertificate certificate, string file = "root.pem")
    {
        var folder = TrustStore;
        foreach (var name in new[] { "x509", kind, store })
        {
            Directory.CreateDirectory(folder = Path.Combine(folder, name), ForAll);
        }

        Write(Path.Combine(folder, file), certificate.Pem);
        return this;
    }

    public NotationFolder WithList(byte[] list, string file = "acme.crl")
    {
        Directory.CreateDirectory(Lists, ForAll);
        File.WriteAllBytes(Path.Combine(Lists, file), list);
        File.SetUnixFileMode(Path.Combine(Lists, file), ForAll);
        return this;
    }

    /// <summary>What an entry of signature-policies says.</summary>
    public JsonObject Entry(bool withLists = false)
    {
        var notation = new JsonObject { ["trust-policy"] = TrustPolicy, ["trust-store"] = TrustStore };
        if (withLists)
        {
            notation["crls"] = Lists;
        }

        return new JsonObject { ["notation"] = notation };
    }

    private static void Write(string path, string text)
    {
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }
}
