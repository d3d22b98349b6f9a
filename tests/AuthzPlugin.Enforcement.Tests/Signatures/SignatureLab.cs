using AuthzPlugin.Enforcement.Credentials;
using AuthzPlugin.Enforcement.Metrics;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Enforcement.Registry;
using AuthzPlugin.Enforcement.Revocation;
using AuthzPlugin.Enforcement.Signatures;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Testing.Registry;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Testing.Time;
using AuthzPlugin.Trust.References;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthzPlugin.Enforcement.Tests.Signatures;

/// <summary>A simulated registry and the service that reads signatures from it, over real HTTP.</summary>
public sealed class SignatureLab : IAsyncDisposable
{
    public const string Path = "team/app";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("signatures-");

    private SignatureLab(RegistrySimulator registry)
    {
        Registry = registry;
        Assert.True(ImageReferenceParser.TryParseNamed($"{registry.Host}/{Path}", out var named, out _));
        Repository = named.Repository;
        Options = new TrustDataOptions
        {
            CacheDirectory = System.IO.Path.Combine(_folder.FullName, "trust"),
            CertificatesDirectory = System.IO.Path.Combine(_folder.FullName, "certs.d"),
            CredentialsFile = System.IO.Path.Combine(_folder.FullName, "docker-config.json"),
            RequestTimeout = TimeSpan.FromSeconds(10),
            UpdateTimeout = TimeSpan.FromSeconds(30),
        };
        Client = new RegistryClient(Options, new RegistryCredentials(Options, TimeProvider.System), TimeProvider.System);
        Meter = new ServiceMeter(() => null, Time);
        Revocation = NewRevocation(Options, Time);
        Service = new SignatureService(Options, Client, Revocation, Time, Meter.Signatures);
    }

    public RegistrySimulator Registry { get; }

    public RepositoryName Repository { get; }

    public TrustDataOptions Options { get; }

    public RegistryClient Client { get; private set; }

    public RevocationService Revocation { get; private set; }

    public SignatureService Service { get; private set; }

    public ServiceMeter Meter { get; }

    public ManualTimeProvider Time { get; } = new();

    public CosignTestKey Key { get; } = CosignTestKey.Ecdsa();

    public CosignTestKey Second { get; } = CosignTestKey.Ecdsa();

    public CosignTestKey Stranger { get; } = CosignTestKey.Ecdsa();

    /// <summary>One of two keys.</summary>
    public CosignPolicy Policy => new() { Keys = [Key.Public, Second.Public] };

    public static async Task<SignatureLab> StartAsync() => new(await RegistrySimulator.StartAsync());

    /// <summary>The service again, with other settings.</summary>
    public async Task WithAsync(Func<TrustDataOptions, TrustDataOptions> change, TimeProvider? time = null)
    {
        await Service.DisposeAsync();
        await Revocation.DisposeAsync();
        Client.Dispose();
        var options = change(Options);
        Client = new RegistryClient(options, new RegistryCredentials(options, TimeProvider.System), TimeProvider.System);
        Revocation = NewRevocation(options, time ?? Time);
        Service = new SignatureService(options, Client, Revocation, time ?? Time, Meter.Signatures);
    }

    private RevocationService NewRevocation(TrustDataOptions options, TimeProvider time) => new(
        options, new RevocationOptions { Directory = System.IO.Path.Combine(_folder.FullName, "revocation") }, time, NullLogger<RevocationService>.Instance);

    public Digest PutImage(string tag = "1") => Registry.PutImage(Path, tag, $"image {tag}");

    public Task<SignatureEvidence> FindAsync(Digest image, SignatureDemand? policy = null, TimeSpan? maxAge = null) =>
        Service.FindAsync(Repository, image, policy ?? Policy, maxAge ?? TimeSpan.FromHours(1), CancellationToken.None);

    public void Login(string json) => File.WriteAllText(Options.CredentialsFile, json);

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await Revocation.DisposeAsync();
        Client.Dispose();
        Meter.Dispose();
        await Registry.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
