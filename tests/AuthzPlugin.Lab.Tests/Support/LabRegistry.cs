using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>One repository of the lab's registry, past every tool: whoever can write to a registry can put anything anywhere.</summary>
internal sealed class LabRegistry : IDisposable
{
    public const string ManifestType = "application/vnd.oci.image.manifest.v1+json";
    public const string IndexType = "application/vnd.oci.image.index.v1+json";

    private readonly HttpClient _http;

    /// <param name="repository">With the registry in front.</param>
    public LabRegistry(LabFixture lab, string repository) => _http = new HttpClient
    {
        BaseAddress = new Uri($"http://{lab.Registry}/v2/{repository[(repository.IndexOf('/', StringComparison.Ordinal) + 1)..]}/"),
    };

    public static string DigestOf(byte[] bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Takes every signature of the image out of the registry.</summary>
    public static async Task RemoveSignaturesAsync(LabFixture lab, LabImage image)
    {
        using var registry = new LabRegistry(lab, image.Repository);
        foreach (var tag in new[] { image.SignatureTag, image.ReferrersTag })
        {
            if (await registry.FindManifestAsync(tag) is { } found)
            {
                using var answer = (await registry._http.DeleteAsync(Relative($"manifests/{DigestOf(found)}"))).EnsureSuccessStatusCode();
            }
        }
    }

    /// <summary>A manifest or index as it is there; null: there is none.</summary>
    /// <param name="reference">A tag or digest.</param>
    public async Task<byte[]?> FindManifestAsync(string reference)
    {
        using var ask = new HttpRequestMessage(HttpMethod.Get, Relative($"manifests/{reference}"));
        ask.Headers.Accept.ParseAdd(ManifestType);
        ask.Headers.Accept.ParseAdd(IndexType);
        using var found = await _http.SendAsync(ask);
        return found.StatusCode == HttpStatusCode.NotFound ? null : await found.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
    }

    public async Task<byte[]> ManifestAsync(string reference) =>
        await FindManifestAsync(reference) ?? throw new InvalidOperationException($"the registry has no {reference}");

    /// <summary>Returns its digest.</summary>
    /// <param name="tag">Null: by its digest alone.</param>
    public async Task<string> PutManifestAsync(string? tag, byte[] bytes, string type = ManifestType)
    {
        using var content = Content(bytes, type);
        using var answer = (await _http.PutAsync(Relative($"manifests/{tag ?? DigestOf(bytes)}"), content)).EnsureSuccessStatusCode();
        return DigestOf(bytes);
    }

    public async Task PutBlobAsync(byte[] bytes)
    {
        using var begun = (await _http.PostAsync(Relative("blobs/uploads/"), null)).EnsureSuccessStatusCode();
        var place = new Uri(_http.BaseAddress!, begun.Headers.Location!).AbsoluteUri;
        using var content = Content(bytes, "application/octet-stream");
        var url = $"{place}{(place.Contains('?', StringComparison.Ordinal) ? '&' : '?')}digest={Uri.EscapeDataString(DigestOf(bytes))}";
        using var answer = (await _http.PutAsync(new Uri(url), content)).EnsureSuccessStatusCode();
    }

    public void Dispose() => _http.Dispose();

    // "sha256:..." alone would be taken for a URL with that scheme.
    private static Uri Relative(string path) => new(path, UriKind.Relative);

    private static ByteArrayContent Content(byte[] bytes, string type)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return content;
    }
}
