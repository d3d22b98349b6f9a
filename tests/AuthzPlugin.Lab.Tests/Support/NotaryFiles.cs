using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>The files of the real Notary server, past whatever stands in front of it.</summary>
public sealed class NotaryFiles : IDisposable
{
    private readonly HttpClient _client;

    public NotaryFiles(LabFixture lab)
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.ImportFromPemFile(lab.Env["LAB_CA"]);
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false, SslOptions = new() { CertificateChainPolicy = trust } })
        {
            BaseAddress = new Uri($"https://localhost:{lab.Env["LAB_NOTARY_SERVER_PORT"]}"),
            Timeout = TimeSpan.FromSeconds(20),
        };
    }

    public static string PathOf(string repository, string name) => $"/v2/{repository}/_trust/tuf/{name}.json";

    /// <summary>Null when the server has none.</summary>
    public async Task<byte[]?> GetAsync(string path)
    {
        using var answer = await _client.GetAsync(new Uri(path, UriKind.Relative));
        return answer.StatusCode == HttpStatusCode.NotFound ? null : await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
    }

    public async Task<byte[]> GetAsync(string repository, string name) =>
        await GetAsync(PathOf(repository, name)) ?? throw new InvalidOperationException($"the Notary server has no {name} of {repository}");

    /// <summary>The <c>signed</c> part of a file.</summary>
    public async Task<JsonObject> SignedAsync(string repository, string name) => SignedPart(await GetAsync(repository, name));

    public static JsonObject SignedPart(byte[] file) => JsonNode.Parse(file)!["signed"]!.AsObject();

    /// <summary>Everything that the server has of a repository now, under every name that a client asks for.</summary>
    public async Task<IReadOnlyDictionary<string, byte[]>> RecordAsync(string repository)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var snapshot = await SignedAsync(repository, "snapshot");
        foreach (var role in snapshot["meta"]!.AsObject().Select(m => m.Key).Append("timestamp").Append("snapshot"))
        {
            var file = files[role] = await GetAsync(repository, role);
            files[$"{role}.{Convert.ToHexStringLower(SHA256.HashData(file))}"] = file;
        }

        var newest = SignedPart(files["root"])["version"]!.GetValue<int>();
        for (var version = 1; version <= newest; version++)
        {
            files[$"{version}.root"] = await GetAsync(repository, $"{version}.root");
        }

        return files;
    }

    public void Dispose() => _client.Dispose();
}
