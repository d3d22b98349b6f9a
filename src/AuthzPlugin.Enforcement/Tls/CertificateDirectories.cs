using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.Tls;

/// <summary>
/// The engine's per-host certificates, <c>/etc/docker/certs.d/HOST[:PORT]/</c>: <c>*.crt</c> are authorities in addition to the
/// system's, <c>X.cert</c> with <c>X.key</c> is a client certificate. Other files are passed over, as the engine does.
/// </summary>
/// <param name="root">The directory that holds one directory per host.</param>
/// <param name="maxFileBytes">Limit of one file.</param>
internal sealed class CertificateDirectories(string root, int maxFileBytes)
{
    private const int MaximumFiles = 64;

    /// <summary>Existing directories for a server that works for a registry: the server's first.</summary>
    public IReadOnlyList<string> Of(Uri server, string registryHost) =>
        [.. new[] { server.Authority, registryHost }
            .Distinct(StringComparer.Ordinal)
            .Where(host => host.Length > 0 && !host.Contains('/', StringComparison.Ordinal) && host is not ("." or ".."))
            .Select(host => Path.Combine(root, host))
            .Where(Directory.Exists)];

    /// <summary>A text that changes when a certificate file is added, removed or written.</summary>
    public static string StateOf(IReadOnlyList<string> directories) => string.Join(
        '\n',
        directories.SelectMany(FilesOf).Select(f =>
            string.Create(CultureInfo.InvariantCulture, $"{f.FullName} {f.Length} {f.LastWriteTimeUtc.Ticks}")));

    /// <summary>Reads all certificates of the directories.</summary>
    /// <exception cref="TransportException">A file cannot be used, or one half of a pair is missing.</exception>
    public HostCertificates Load(IReadOnlyList<string> directories)
    {
        var authorities = new X509Certificate2Collection();
        var clients = new List<X509Certificate2Collection>();
        foreach (var file in directories.SelectMany(FilesOf))
        {
            switch (file.Extension)
            {
                case ".crt":
                    authorities.AddRange(Read(file, ReadAuthorities));
                    break;
                case ".cert":
                    clients.Add(Read(file, ReadPair));
                    break;
                case ".key" when !File.Exists(Path.ChangeExtension(file.FullName, ".cert")):
                    throw Fault($"{file.FullName} has no client certificate {Path.ChangeExtension(file.Name, ".cert")} beside it");
            }
        }

        return new HostCertificates(authorities, clients);
    }

    private static FileInfo[] FilesOf(string directory)
    {
        try
        {
            return [.. new DirectoryInfo(directory).EnumerateFiles()
                .Where(f => f.Extension is ".crt" or ".cert" or ".key")
                .OrderBy(f => f.Name, StringComparer.Ordinal)
                .Take(MaximumFiles)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TransportException(TransportFault.Tls, $"the certificates in {directory} cannot be read", e);
        }
    }

    private static T Read<T>(FileInfo file, Func<FileInfo, T> read)
    {
        try
        {
            return read(file);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new TransportException(TransportFault.Tls, $"{file.FullName} cannot be used as a certificate: {Reason(e)}", e);
        }
    }

    private X509Certificate2Collection ReadAuthorities(FileInfo file)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPem(Text(file));
        return authorities.Count > 0 ? authorities : throw new CryptographicException("no certificate in it");
    }

    private X509Certificate2Collection ReadPair(FileInfo file)
    {
        var key = new FileInfo(Path.ChangeExtension(file.FullName, ".key"));
        if (!key.Exists)
        {
            throw Fault($"client certificate {file.FullName} has no {key.Name} beside it (authorities have the extension .crt)");
        }

        var certificates = Text(file);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(certificates);
        chain.RemoveAt(0);
        chain.Insert(0, X509Certificate2.CreateFromPem(certificates, Text(key)));
        return chain;
    }

    private string Text(FileInfo file) =>
        file.Length <= maxFileBytes ? File.ReadAllText(file.FullName) : throw new CryptographicException("it is too large");

    private static string Reason(Exception e) => e is UnauthorizedAccessException ? "permission denied" : "it is not PEM, or the key does not fit";

    private static TransportException Fault(string message) => new(TransportFault.Tls, message);
}
