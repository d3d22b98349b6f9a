using System.Collections.Frozen;
using AuthzPlugin.Enforcement.Credentials;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Enforcement.TrustData.Transport;
using AuthzPlugin.Trust.Pinning;
using AuthzPlugin.Trust.References;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthzPlugin.Proof;

/// <summary>The production service over one server and one folder; every question asks the server.</summary>
internal sealed class Client : IAsyncDisposable
{
    private readonly NotaryTransport _transport;
    private readonly TrustDataService _service;
    private readonly Uri _server;
    private readonly string _pin;

    internal Client(Uri server, string folder, string pin)
    {
        _server = server;
        _pin = pin;
        var options = new TrustDataOptions
        {
            CacheDirectory = folder,
            CertificatesDirectory = Path.Combine(folder, "certs.d"),
            CredentialsFile = Path.Combine(folder, "none.json"),
            FailureMemory = TimeSpan.FromTicks(1),
            BackOffFirst = TimeSpan.FromTicks(1),
            RequestTimeout = TimeSpan.FromSeconds(60),
            UpdateTimeout = TimeSpan.FromSeconds(60),
        };
        _transport = new NotaryTransport(options, new RegistryCredentials(options, TimeProvider.System), TimeProvider.System);
        _service = new TrustDataService(options, _transport, TimeProvider.System, NullLogger<TrustDataService>.Instance);
    }

    internal Task<SignedRepository> GetAsync(string repository) =>
        _service.GetAsync(Name(repository), Policy(repository), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        _transport.Dispose();
    }

    private TrustPolicy Policy(string repository) => new()
    {
        Mode = EnforcementMode.Enforced,
        Pins = new RootPins([new RootPin("*", PinKind.RootKeys, _pin.Split(',').ToFrozenSet(StringComparer.Ordinal))]),
        TrustServers = new TrustServers([KeyValuePair.Create(Name(repository).Domain, _server)]),
        Freshness = TimeSpan.Zero,
        Fingerprint = new string('0', 64),
    };

    private static RepositoryName Name(string repository) =>
        ImageReferenceParser.TryParseNamed(repository, out var reference, out var problem)
            ? reference.Repository
            : throw new ArgumentException(problem, nameof(repository));
}
