using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AuthzPlugin.Testing.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Testing.Notary;

/// <summary>
/// A Notary server on a loopback port, so that the production transport is what tests use. Publish a <see cref="TestRepository"/>
/// and its files are served; put an <see cref="Answer"/> into <see cref="Lies"/> and it lies. Files that were served once stay
/// available by their hash, as on a real server.
/// </summary>
public sealed class NotarySimulator : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _requests = new();

    private NotarySimulator(WebApplication app) => _app = app;

    /// <summary>Base URL for <c>trust-servers</c>.</summary>
    public Uri Url { get; private set; } = new("http://127.0.0.1");

    /// <summary>File (<c>timestamp</c>, <c>snapshot</c>, <c>targets/releases</c>, <c>2.root</c>; <c>*</c> for all) → what is answered instead.</summary>
    public ConcurrentDictionary<string, Answer> Lies { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// Where every published state is written for inspection, a folder for each; from the environment variable <c>NOTARY_SIMULATOR_DUMP</c>
    /// unless a test says otherwise.
    /// </summary>
    public string? DumpFolder { get; set; } = Environment.GetEnvironmentVariable("NOTARY_SIMULATOR_DUMP");

    /// <summary>Asks for logins when set.</summary>
    public TokenRules? Tokens { get; set; }

    /// <summary>Names of the files that were asked for, in order, hashes cut off.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    /// <summary>Subjects of client certificates seen; empty text for none.</summary>
    public ConcurrentQueue<string> ClientCertificates { get; } = new();

    /// <summary>Starts over TLS when there is a certificate.</summary>
    public static async Task<NotarySimulator> StartAsync(X509Certificate2? certificate = null, string host = "127.0.0.1", int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen =>
        {
            if (certificate is not null)
            {
                listen.UseHttps(certificate, https =>
                {
                    https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                    https.AllowAnyClientCertificate();
                });
            }
        }));
        var app = builder.Build();
        var simulator = new NotarySimulator(app);
        app.Run(simulator.HandleAsync);
        await app.StartAsync();
        var address = new Uri(app.Urls.First());
        simulator.Url = new UriBuilder(certificate is null ? "http" : "https", host, address.Port).Uri;
        return simulator;
    }

    /// <summary>Signs the repository as it is now and serves that.</summary>
    public PublishedMetadata Publish(TestRepository repository)
    {
        var published = repository.Publish();
        Serve(repository, published);
        return published;
    }

    /// <summary>Serves a publication, an earlier one too.</summary>
    public void Serve(TestRepository repository, PublishedMetadata published)
    {
        foreach (var (role, file) in published.Files)
        {
            Put(repository, role, file);
            Put(repository, $"{role}.{Convert.ToHexStringLower(SHA256.HashData(file))}", file);
        }

        foreach (var (version, file) in published.Roots)
        {
            Put(repository, $"{version}.root", file);
        }

        if (DumpFolder is { } folder)
        {
            StateDump.Write(folder, repository, published);
        }
    }

    /// <summary>Serves a file under a name, whatever it is.</summary>
    public void Put(TestRepository repository, string name, byte[] file) => _files[PathOf(repository, name)] = file;

    /// <summary>The server loses a file.</summary>
    public void Remove(TestRepository repository, string name) => _files.TryRemove(PathOf(repository, name), out _);

    /// <summary>The server loses the repository.</summary>
    public void RemoveAll(TestRepository repository)
    {
        foreach (var path in _files.Keys.Where(p => p.StartsWith($"/v2/{repository.Repository.Name}/_trust/", StringComparison.Ordinal)))
        {
            _files.TryRemove(path, out _);
        }
    }

    public void ForgetRequests() => _requests.Clear();

    /// <summary>Stops listening; the URL stays, and nobody answers there.</summary>
    public async Task StopAsync() => await _app.StopAsync(new CancellationToken(canceled: true));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _app.DisposeAsync();
    }

    private static string PathOf(TestRepository repository, string name) => $"/v2/{repository.Repository.Name}/_trust/tuf/{name}.json";

    private async Task HandleAsync(HttpContext context)
    {
        ClientCertificates.Enqueue(context.Connection.ClientCertificate?.Subject ?? "");
        var path = context.Request.Path.Value ?? "";
        if (path == "/token")
        {
            await TokenServer.TokenAsync(context, Tokens!);
            return;
        }

        var file = FileOf(path);
        if (file is not null)
        {
            _requests.Enqueue(file);
        }

        if (Tokens is { } rules && !TokenServer.IsAccepted(context, rules))
        {
            TokenServer.Challenge(context, rules, Url, isPing: file is null);
            return;
        }

        if (path == "/v2/")
        {
            // The real client asks here first and goes no further without a 200 or 401.
            return;
        }

        var answer = file is null ? null : Lies.GetValueOrDefault(file) ?? Lies.GetValueOrDefault("*");
        await Answering.WriteAsync(context, _files.GetValueOrDefault(path), answer);
    }

    // "/v2/repo/_trust/tuf/targets/releases.HEX.json" is the file "targets/releases".
    private static string? FileOf(string path)
    {
        const string Marker = "/_trust/tuf/";
        var start = path.IndexOf(Marker, StringComparison.Ordinal);
        if (start < 0)
        {
            return null;
        }

        var name = path[(start + Marker.Length)..^".json".Length];
        var dot = name.LastIndexOf('.');
        return dot >= 0 && name.Length - dot - 1 == 64 ? name[..dot] : name;
    }
}
