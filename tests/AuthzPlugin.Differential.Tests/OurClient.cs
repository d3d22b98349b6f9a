using System.Collections.Frozen;
using AuthzPlugin.Enforcement.Credentials;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Enforcement.TrustData.Transport;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Pinning;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthzPlugin.Differential.Tests;

/// <summary>The product's own trust data service over HTTPS, with a disk cache and a certificate pin.</summary>
internal sealed class OurClient : IAsyncDisposable
{
    private readonly NotaryTransport _transport;
    private readonly TrustDataService _service;
    private readonly RandomRepository _repository;

    internal OurClient(string folder, RandomRepository repository, string certificates)
    {
        _repository = repository;
        var options = new TrustDataOptions
        {
            CacheDirectory = Path.Combine(folder, "ours"),
            CertificatesDirectory = certificates,
            CredentialsFile = Path.Combine(folder, "none.json"),
            ConnectTimeout = TimeSpan.FromSeconds(30),
            RequestTimeout = TimeSpan.FromSeconds(60),
            UpdateTimeout = TimeSpan.FromSeconds(60),
            FailureMemory = TimeSpan.FromTicks(1),
            BackOffFirst = TimeSpan.FromTicks(1),
        };
        _transport = new NotaryTransport(options, new RegistryCredentials(options, TimeProvider.System), TimeProvider.System);
        _service = new TrustDataService(options, _transport, TimeProvider.System, NullLogger<TrustDataService>.Instance);
    }

    /// <summary>Why the last question was refused.</summary>
    internal RepositoryFault? Fault { get; private set; }

    internal async Task<Verdict> AskAsync(IEnumerable<string> tags)
    {
        Fault = null;
        try
        {
            var signed = await _service.GetAsync(_repository.Metadata.Repository, Policy(), CancellationToken.None);
            return new Verdict(
                tags.Select(signed.Tags.FindTag).OfType<SignedTag>().ToFrozenDictionary(t => t.Tag, t => $"{t.Digest.Hex} {t.Role}"), "");
        }
        catch (RepositoryException e)
        {
            Fault = e.Fault;
            return new Verdict(null, $"{e.Fault}: {e.Message}");
        }
        catch (TransportException e)
        {
            return new Verdict(null, $"{e.Fault}: {e.Message}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        _transport.Dispose();
    }

    private TrustPolicy Policy() => new()
    {
        Mode = EnforcementMode.Enforced,
        Pins = new RootPins([_repository.Pin]),
        TrustServers = new TrustServers([KeyValuePair.Create(_repository.Metadata.Repository.Domain, _repository.Server.Url)]),
        Freshness = TimeSpan.Zero,
        Fingerprint = new string('0', 64),
    };
}
