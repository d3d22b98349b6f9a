using System.Collections.Frozen;
using System.Globalization;
using AuthzPlugin.Enforcement.Credentials;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Enforcement.TrustData.Transport;
using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Testing.Notary;
using AuthzPlugin.Trust.Pinning;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace AuthzPlugin.Proof.Tests;

/// <summary>
/// A process that updates a repository in a loop is killed with SIGKILL at random moments while its publisher goes on, with key rotations
/// among the updates. What the next start finds on disk verifies and is at least what the process had reported as stored.
/// </summary>
public sealed class KillTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Kills = 200;
    private const int Seed = 20260601;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kills-");
    private readonly TestRepository _repository = new("registry.example.com/team/app", DateTimeOffset.UtcNow);
    private readonly Dictionary<string, int> _published = new(StringComparer.Ordinal);
    private readonly Random _random = new(Seed);
    private NotarySimulator _server = null!;
    private int _publications;

    public async Task InitializeAsync()
    {
        _server = await NotarySimulator.StartAsync();
        _repository.Delegate("targets/releases").Tags["2"] = new string('2', 64);
        for (var i = 0; i < 300; i++)
        {
            _repository.Targets.Tags[$"filler-{i}"] = new string('f', 64);
        }

        Publish();
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Two_hundred_kills_leave_the_old_or_the_new_state_and_never_an_older_one()
    {
        var (survived, stored, inTheMiddle) = (0, 0, 0);
        var next = Start();
        for (var kill = 0; kill < Kills; kill++)
        {
            var process = next;
            var reported = ReadAsync(process);
            await process.StandardInput.WriteLineAsync("go");
            next = Start();
            await PublishForAWhileAsync(reported.First);
            process.Kill();
            await process.WaitForExitAsync();
            stored = Math.Max(stored, await reported.Last);
            process.Dispose();
            inTheMiddle += Leftovers() > 0 ? 1 : 0;

            var found = await FindAsync();
            Assert.True(found >= stored, $"kill {kill}: publication {stored} was stored, and the disk has {found}");
            stored = found;
            survived++;
        }

        next.StandardInput.Close();
        await next.WaitForExitAsync();
        next.Dispose();
        output.WriteLine($"{_publications} publications, root version {_repository.Root.Version}, {inTheMiddle} kills left a half-written file behind");
        output.WriteLine($"figure: kills survived {survived}/{Kills}");
        await AssertLivesAsync();
        Assert.True(inTheMiddle > 0 || stored > Kills, "the kills hit nothing");
    }

    private System.Diagnostics.Process Start() => ProofProcess.Start(
        "update", _server.Url.ToString(), Path.Combine(_folder.FullName, "trust"), _repository.Repository.Name, _repository.Root.Keys[0].CanonicalId);

    /// <summary>The highest publication that the process said it has; ends with the process.</summary>
    private (Task First, Task<int> Last) ReadAsync(System.Diagnostics.Process process)
    {
        var first = new TaskCompletionSource();
        return (first.Task, Task.Run(async () =>
        {
            var last = 0;
            while (await process.StandardOutput.ReadLineAsync() is { } line)
            {
                if (line.Length == 64)
                {
                    last = NumberOf(line);
                    first.TrySetResult();
                }
            }

            var error = await process.StandardError.ReadToEndAsync();
            Assert.True(error.Length == 0, error);
            first.TrySetResult();
            return last;
        }));
    }

    private async Task PublishForAWhileAsync(Task firstUpdate)
    {
        await firstUpdate;
        var until = Environment.TickCount64 + _random.Next(5, 60);
        do
        {
            Publish();
            await Task.Delay(_random.Next(1, 12));
        }
        while (Environment.TickCount64 < until);
    }

    // Every few publications timestamp and snapshot get new keys and begin to count anew: the floors fall.
    private void Publish()
    {
        _publications++;
        var digest = _publications.ToString("x64", CultureInfo.InvariantCulture);
        lock (_published)
        {
            _published[digest] = _publications;
        }

        _repository.Targets.Tags["1"] = digest;
        _repository.Targets.Version++;
        _repository.Snapshot.Version++;
        _repository.Timestamp.Version++;
        if (_publications % 5 == 0)
        {
            _repository.Timestamp.Keys = [TestKey.Ecdsa()];
            _repository.Snapshot.Keys = [TestKey.Ecdsa()];
            _repository.Snapshot.Version = 1;
            _repository.Timestamp.Version = 1;
            _repository.RotateRoot(null);
        }

        _server.Publish(_repository);
    }

    private int NumberOf(string digest)
    {
        lock (_published)
        {
            return _published[digest];
        }
    }

    private int Leftovers() => Directory.GetFiles(_folder.FullName, "*.tmp", SearchOption.AllDirectories).Select(f =>
    {
        File.Delete(f);
        return f;
    }).Count();

    /// <summary>What a new process finds without a network; it verifies, or the service would not give it.</summary>
    private async Task<int> FindAsync()
    {
        var (service, transport, policy) = NewService();
        using (transport)
        await using (service)
        {
            var known = await service.PeekAsync(_repository.Repository, policy, CancellationToken.None);
            Assert.True(known is not null, "nothing on disk verifies");
            Assert.NotNull(known.Tags.FindTag("2"));
            return NumberOf(known.Tags.FindTag("1")!.Digest.Hex);
        }
    }

    /// <summary>The floors still work: the present is taken, the past is not.</summary>
    private async Task AssertLivesAsync()
    {
        Publish();
        var (service, transport, policy) = NewService();
        using (transport)
        await using (service)
        {
            var signed = await service.GetAsync(_repository.Repository, policy, CancellationToken.None);
            Assert.Equal(_publications, NumberOf(signed.Tags.FindTag("1")!.Digest.Hex));
            _repository.Targets.Version -= 3;
            _repository.Snapshot.Version++;
            _repository.Timestamp.Version++;
            _server.Publish(_repository);
            var e = await Assert.ThrowsAsync<Trust.Errors.RepositoryException>(
                () => service.GetAsync(_repository.Repository, policy, CancellationToken.None));
            Assert.Equal(Trust.Errors.RepositoryFault.Rollback, e.Fault);
        }
    }

    private (TrustDataService Service, NotaryTransport Transport, TrustPolicy Policy) NewService()
    {
        var options = new TrustDataOptions
        {
            CacheDirectory = Path.Combine(_folder.FullName, "trust"),
            CertificatesDirectory = Path.Combine(_folder.FullName, "certs.d"),
            CredentialsFile = Path.Combine(_folder.FullName, "none.json"),
        };
        var transport = new NotaryTransport(options, new RegistryCredentials(options, TimeProvider.System), TimeProvider.System);
        var policy = new TrustPolicy
        {
            Mode = EnforcementMode.Enforced,
            Pins = new RootPins([new RootPin("*", PinKind.RootKeys, new[] { _repository.Root.Keys[0].CanonicalId }.ToFrozenSet(StringComparer.Ordinal))]),
            TrustServers = new TrustServers([KeyValuePair.Create("registry.example.com", _server.Url)]),
            Freshness = TimeSpan.Zero,
            Fingerprint = new string('0', 64),
        };
        return (new TrustDataService(options, transport, TimeProvider.System, NullLogger<TrustDataService>.Instance), transport, policy);
    }
}
