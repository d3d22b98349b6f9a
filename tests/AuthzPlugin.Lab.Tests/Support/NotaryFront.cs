using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>
/// Stands where clients look for the Notary server, with its certificate: passes everything on to the real one, except files that a
/// test replaces. Gone again when disposed.
/// </summary>
public sealed class NotaryFront : IAsyncDisposable
{
    private readonly LabFixture _lab;
    private readonly WebApplication _app;
    private readonly NotaryFiles _real;
    private readonly ConcurrentDictionary<string, byte[]> _instead = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<string> _restored = [];

    private NotaryFront(LabFixture lab, WebApplication app, NotaryFiles real)
    {
        _lab = lab;
        _app = app;
        _real = real;
    }

    public static async Task<NotaryFront> StartAsync(LabFixture lab)
    {
        await lab.LabAsync("stop", "notary");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback, new Uri(lab.Env["LAB_NOTARY"]).Port, listen => listen.UseHttps(Certificate(lab))));
        var front = new NotaryFront(lab, builder.Build(), new NotaryFiles(lab));
        front._app.Run(front.AnswerAsync);
        await front._app.StartAsync();
        return front;
    }

    /// <summary>Serves this instead of what the server has.</summary>
    public void Replace(string repository, string name, byte[] file) => _instead[NotaryFiles.PathOf(repository, name)] = file;

    /// <summary>As after a database was restored: of this repository there is what was recorded, and nothing else.</summary>
    public void Restore(string repository, IReadOnlyDictionary<string, byte[]> recorded)
    {
        _restored.Add(repository);
        foreach (var (name, file) in recorded)
        {
            Replace(repository, name, file);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        _real.Dispose();
        await _lab.LabAsync("start", "notary");
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        var isRestored = _restored.Any(r => path.StartsWith($"/v2/{r}/", StringComparison.Ordinal));
        var file = _instead.GetValueOrDefault(path) ?? (isRestored ? null : await _real.GetAsync(path));
        if (file is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.ContentLength = file.Length;
        await context.Response.Body.WriteAsync(file);
    }

    private static X509Certificate2 Certificate(LabFixture lab)
    {
        var folder = Path.GetDirectoryName(lab.Env["LAB_CA"])!;
        using var pem = X509Certificate2.CreateFromPemFile(Path.Combine(folder, "localhost.crt"), Path.Combine(folder, "localhost.key"));

        // The TLS stack wants a key that it can load again.
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }
}
