using System.Security.Cryptography.X509Certificates;
using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Testing.Notary;

namespace AuthzPlugin.Benchmarks.World;

/// <summary>A Notary server over TLS at one address, which can go away and come back with what it served.</summary>
internal sealed class TrustServer(X509Certificate2 certificate) : IAsyncDisposable
{
    private readonly Dictionary<string, (TestRepository Repository, PublishedMetadata Files)> _served = new(StringComparer.Ordinal);
    private NotarySimulator? _simulator;

    public int Port { get; private set; }

    public async Task StartAsync()
    {
        _simulator = await NotarySimulator.StartAsync(certificate, "localhost", Port);
        Port = _simulator.Url.Port;
        foreach (var (repository, files) in _served.Values)
        {
            _simulator.Serve(repository, files);
        }
    }

    public void Publish(TestRepository repository)
    {
        var files = repository.Publish();
        _served[repository.Repository.Name] = (repository, files);
        _simulator?.Serve(repository, files);
    }

    /// <summary>The repository that was published under this name.</summary>
    public TestRepository Find(string name) => _served[name].Repository;

    public async Task StopAsync()
    {
        if (_simulator is not null)
        {
            await _simulator.DisposeAsync();
        }

        _simulator = null;
    }

    public async ValueTask DisposeAsync() => await StopAsync();
}
