using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthzPlugin.Testing.Notary;
using AuthzPlugin.Trust.References;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Testing.Registry;

/// <summary>
/// A registry on a loopback port, so that the production client is what tests use. It has a list of referrers or not, in pages, with wrong
/// types when told; put an <see cref="Answer"/> into <see cref="Lies"/> and it lies.
/// </summary>
public sealed class RegistrySimulator : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, byte[]> _blobs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte[]> _manifests = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<RegistryRequest> _requests = new();

    private RegistrySimulator(WebApplication app) => _app = app;

    public Uri Url { get; private set; } = new("http://127.0.0.1");

    /// <summary>As it stands in image names.</summary>
    public string Host => Url.Authority;

    /// <summary>Whether it answers the question for referrers; if not, 404.</summary>
    public bool HasReferrers { get; set; }

    /// <summary>How many referrers one page has.</summary>
    public int PageSize { get; set; } = int.MaxValue;

    /// <summary>The list says this artifact type of everything.</summary>
    public string? ListedType { get; set; }

    /// <summary>Where every page but the first points, when not to the next one.</summary>
    public string? NextPage { get; set; }

    /// <summary>The end of a path, without the repository (<c>manifests/1</c>; <c>*</c> for all) → what is answered instead.</summary>
    public ConcurrentDictionary<string, Answer> Lies { get; } = new(StringComparer.Ordinal);

    /// <summary>Asks for logins when set.</summary>
    public TokenRules? Tokens { get; set; }

    /// <summary>What was asked for, in order.</summary>
    public IReadOnlyList<RegistryRequest> Requests => [.. _requests];

    public static async Task<RegistrySimulator> StartAsync(X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
            {
                listen.UseHttps(certificate);
            }
        }));
        var app = builder.Build();
        var simulator = new RegistrySimulator(app);
        app.Run(simulator.HandleAsync);
        await app.StartAsync();
        simulator.Url = new UriBuilder(certificate is null ? "http" : "https", "127.0.0.1", new Uri(app.Urls.First()).Port).Uri;
        return simulator;
    }

    public static Digest DigestOf(byte[] bytes) => Digest.FromHash(SHA256.HashData(bytes));

    public Digest PutBlob(byte[] bytes)
    {
        var digest = DigestOf(bytes);
        _blobs[digest.ToString()] = bytes;
        return digest;
    }

    /// <summary>Under its digest, and under a tag when there is one.</summary>
    public Digest PutManifest(string repository, byte[] bytes, string? tag = null)
    {
        var digest = DigestOf(bytes);
        _manifests[$"{repository}@{digest}"] = bytes;
        if (tag is not null)
        {
            _manifests[$"{repository}@{tag}"] = bytes;
        }

        return digest;
    }

    /// <summary>The bytes under a tag or digest.</summary>
    public byte[]? Manifest(string repository, string reference) => _manifests.GetValueOrDefault($"{repository}@{reference}");

    public void RemoveManifest(string repository, string reference) => _manifests.TryRemove($"{repository}@{reference}", out _);

    public void ForgetRequests() => _requests.Clear();

    /// <summary>Stops listening; the URL stays, and nobody answers there.</summary>
    public async Task StopAsync() => await _app.StopAsync(new CancellationToken(canceled: true));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        if (path == "/token")
        {
            await TokenServer.TokenAsync(context, Tokens!);
            return;
        }

        _requests.Enqueue(new RegistryRequest(path, context.Request.Headers.Authorization.ToString()));
        if (Tokens is { } rules && path.StartsWith("/v2/", StringComparison.Ordinal) && !TokenServer.IsAccepted(context, rules))
        {
            TokenServer.Challenge(context, rules, Url, isPing: path == "/v2/");
            return;
        }

        if (path == "/v2/")
        {
            // Real clients ask here first and go no further without a 200 or 401.
            return;
        }

        var parts = path.Split('/');
        var last = parts.Length < 2 ? "" : $"{parts[^2]}/{parts[^1]}";
        var answer = Lies.GetValueOrDefault(last) ?? Lies.GetValueOrDefault("*");
        if (parts.Length > 1 && parts[^2] == "referrers" && HasReferrers && answer is null)
        {
            context.Response.ContentType = "application/vnd.oci.image.index.v1+json";
            await ReferrersAsync(context, RepositoryIn(parts), parts[^1]);
            return;
        }

        var found = Find(parts);
        if (found is not null && parts.Length > 1 && parts[^2] == "manifests")
        {
            context.Response.ContentType = MediaTypeOf(found);
            context.Response.Headers["Docker-Content-Digest"] = DigestOf(found).ToString();
        }

        await Answering.WriteAsync(context, found, answer);
    }

    private byte[]? Find(string[] parts) => parts switch
    {
        ["", "v2", .., "manifests", var reference] => Manifest(RepositoryIn(parts), reference),
        ["", "v2", .., "blobs", var digest] => _blobs.GetValueOrDefault(digest),
        ["", "storage", var digest] => _blobs.GetValueOrDefault(digest),
        _ => null,
    };

    private static string RepositoryIn(string[] parts) => string.Join('/', parts[2..^2]);

    private async Task ReferrersAsync(HttpContext context, string repository, string digest)
    {
        var all = Referrers(repository, digest).ToArray();
        var start = int.TryParse(context.Request.Query["last"], out var last) ? last : 0;
        var next = checked((int)Math.Min(all.Length, (long)start + PageSize));
        if (next < all.Length || NextPage is not null)
        {
            context.Response.Headers.Link = $"<{NextPage ?? $"{context.Request.Path}?last={next}"}>; rel=\"next\"";
        }

        await Answering.WriteAsync(context, Index(all[start..next]), null);
    }

    private IEnumerable<JsonObject> Referrers(string repository, string digest) => _manifests
        .Where(m => m.Key.StartsWith($"{repository}@sha256:", StringComparison.Ordinal))
        .OrderBy(m => m.Key, StringComparer.Ordinal)
        .Where(m => SubjectOf(m.Value) == digest)
        .Select(m => Descriptor(m.Value, ListedType ?? ArtifactTypeOf(JsonNode.Parse(m.Value)!)));

    /// <summary>The index that tools keep under the tag <c>sha256-HEX</c> where a registry has no list.</summary>
    public void PutFallbackIndex(string repository, Digest image) =>
        PutManifest(repository, Index([.. Referrers(repository, image.ToString())]), $"sha256-{image.Hex}");

    public static byte[] Index(IReadOnlyList<JsonObject> descriptors) => JsonSerializer.SerializeToUtf8Bytes<JsonNode>(new JsonObject
    {
        ["schemaVersion"] = 2,
        ["mediaType"] = "application/vnd.oci.image.index.v1+json",
        ["manifests"] = new JsonArray([.. descriptors]),
    });

    public static JsonObject Descriptor(byte[] manifest, string? artifactType) => new()
    {
        ["mediaType"] = "application/vnd.oci.image.manifest.v1+json",
        ["digest"] = DigestOf(manifest).ToString(),
        ["size"] = manifest.Length,
        ["artifactType"] = artifactType,
    };

    // Distribution specification, "Listing Referrers": the configuration's media type when there is no other.
    private static string? ArtifactTypeOf(JsonNode manifest) =>
        manifest["artifactType"]?.GetValue<string>() ?? manifest["config"]?["mediaType"]?.GetValue<string>();

    private static string? SubjectOf(byte[] manifest) => TryParse(manifest)?["subject"]?["digest"]?.GetValue<string>();

    private static string MediaTypeOf(byte[] manifest) =>
        (TryParse(manifest) as JsonObject)?["mediaType"]?.GetValue<string>() ?? "application/vnd.docker.distribution.manifest.v2+json";

    private static JsonNode? TryParse(byte[] manifest)
    {
        try
        {
            return JsonNode.Parse(manifest);
        }
        catch (JsonException)
        {
            // Tests put anything here.
            return null;
        }
    }
}

/// <summary>A request that the simulator saw.</summary>
public sealed record RegistryRequest(string Path, string Authorization);
