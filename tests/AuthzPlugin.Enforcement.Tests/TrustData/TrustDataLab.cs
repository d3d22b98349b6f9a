using AuthzPlugin.Enforcement.Credentials;
using AuthzPlugin.Enforcement.Metrics;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Enforcement.TrustData.Cache;
using AuthzPlugin.Enforcement.TrustData.Transport;
using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Testing.Notary;
using AuthzPlugin.Testing.Time;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Pinning;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthzPlugin.Enforcement.Tests.TrustData;

/// <summary>One repository at a simulated server, and the service that reads it, over real HTTP and a real directory.</summary>
public sealed class TrustDataLab : IAsyncDisposable
{
    public static readonly string Digest1 = new('1', 64);
    public static readonly string Digest2 = new('2', 64);

    private TrustDataLab(NotarySimulator server, TestRepository repository)
    {
        Server = server;
        Repository = repository;
        Pin = repository.Pin();
        Options = new TrustDataOptions
        {
            CacheDirectory = Path.Combine(Directory.FullName, "trust"),
            CertificatesDirectory = Path.Combine(Directory.FullName, "certs.d"),
            CredentialsFile = Path.Combine(Directory.FullName, "docker-config.json"),
            ConnectTimeout = TimeSpan.FromSeconds(5),
        };
        Meter = new ServiceMeter(() => Policy, Time);
        Restart();
    }

    public DirectoryInfo Directory { get; } = System.IO.Directory.CreateTempSubdirectory("trustdata-");

    public ServiceMeter Meter { get; }

    public ManualTimeProvider Time { get; } = new();

    public NotarySimulator Server { get; }

    public TestRepository Repository { get; }

    /// <summary>What the policy pins; a test may change it at any time.</summary>
    public RootPin Pin { get; set; }

    public TrustDataOptions Options { get; set; }

    public TrustDataService Service { get; private set; } = null!;

    public NotaryTransport Transport { get; private set; } = null!;

    /// <summary>Defaults, one pin, one server; every request asks the server.</summary>
    public TrustPolicy Policy => Change(new TrustPolicy
    {
        Mode = EnforcementMode.Enforced,
        Pins = new RootPins([Pin]),
        TrustServers = new TrustServers([KeyValuePair.Create(Repository.Repository.Domain, Server.Url)]),
        Freshness = TimeSpan.Zero,
        Fingerprint = new string('0', 64),
    });

    /// <summary>Changes the policy.</summary>
    public Func<TrustPolicy, TrustPolicy> Change { get; set; } = p => p;

    public string MetadataFile => System.IO.Directory.GetFiles(Path.Combine(Options.CacheDirectory, "metadata")).Single();

    public string VersionsFile => System.IO.Directory.GetFiles(Path.Combine(Options.CacheDirectory, "versions")).Single();

    /// <summary>A server with one published repository: tag 1 in <c>targets</c>, tag 2 in <c>targets/releases</c>.</summary>
    public static async Task<TrustDataLab> StartAsync(TestRepository? repository = null)
    {
        repository ??= NewRepository();
        var server = await NotarySimulator.StartAsync();
        server.Publish(repository);
        return new TrustDataLab(server, repository);
    }

    public static TestRepository NewRepository(string name = "registry.example.com/team/app")
    {
        var repository = new TestRepository(name);
        repository.Targets.Tags["1"] = Digest1;
        repository.Delegate("targets/releases").Tags["2"] = Digest2;
        return repository;
    }

    /// <summary>A new process over the same directory.</summary>
    public void Restart()
    {
        Transport = new NotaryTransport(Options, new RegistryCredentials(Options, TimeProvider.System), TimeProvider.System, Meter.Trust);
        Service = new TrustDataService(Options, Transport, Time, NullLogger<TrustDataService>.Instance, Meter.Trust);
    }

    /// <summary>A second process over the same directory.</summary>
    public TrustDataService AnotherProcess() => new(Options, Transport, Time, NullLogger<TrustDataService>.Instance);

    public Task<SignedRepository> GetAsync() => Service.GetAsync(Repository.Repository, Policy, CancellationToken.None);

    /// <summary>Gets data that must not come; time passes first, so that no earlier failure answers.</summary>
    public async Task<TrustException> FailAsync()
    {
        Time.Advance(TimeSpan.FromSeconds(4));
        return await Assert.ThrowsAnyAsync<TrustException>(GetAsync);
    }

    /// <summary>The next versions of everything but the root, with another digest for tag 1.</summary>
    public void PublishNext(char digest = '3')
    {
        Repository.Targets.Tags["1"] = new string(digest, 64);
        Repository.Targets.Version++;
        Repository.Snapshot.Version++;
        Repository.Timestamp.Version++;
        Server.Publish(Repository);
    }

    /// <summary>Changes one cached file behind the service's back (null removes it), and starts a new process.</summary>
    public void TamperCache(string role, Func<byte[], byte[]?> change)
    {
        var files = CacheFile.Read(Repository.Repository, File.ReadAllBytes(MetadataFile))!;
        var changed = files.All
            .Select(f => KeyValuePair.Create(f.Key, f.Key.Text == role ? change(f.Value) : f.Value))
            .Where(f => f.Value is not null)
            .Select(f => KeyValuePair.Create(f.Key, f.Value!));
        File.WriteAllBytes(MetadataFile, [.. CacheFile.Write(Repository.Repository, new MetadataFiles(changed)).SelectMany(p => p.ToArray())]);
        Restart();
    }

    /// <summary>Everything on disk, to compare before and after.</summary>
    public string Disk() => string.Join('\n', System.IO.Directory.Exists(Options.CacheDirectory)
        ? System.IO.Directory.EnumerateFiles(Options.CacheDirectory, "*", SearchOption.AllDirectories)
            .Where(f => !f.EndsWith(".lock", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(f => f + " " + Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f))))
        : []);

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        Transport.Dispose();
        Meter.Dispose();
        await Server.DisposeAsync();
        Directory.Delete(recursive: true);
    }
}
