using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.Host;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Testing.Engine;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthzPlugin.Enforcement.Tests.Host;

public sealed class HostWatchTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("content-trust-test-");
    private readonly SimulatedEngine _engine = new();
    private readonly EngineTransport _transport;

    public HostWatchTests() => _transport = new EngineTransport(_engine, EngineOptions.Default);

    public void Dispose()
    {
        _transport.Dispose();
        _engine.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Who_names_the_plugin_in_daemon_json_is_not_told_for_a_minute_that_it_is_missing()
    {
        var file = Path.Combine(_folder.FullName, "daemon.json");
        await File.WriteAllTextAsync(file, "{}");
        var watch = new HostWatch(_transport, () => TrustPolicy.WithoutStanza, file, "/run/content-trust.sock", [], TimeProvider.System, NullLogger.Instance);
        using var stop = new CancellationTokenSource();
        var running = watch.RunAsync(stop.Token);

        await UntilAsync(() => IsMissing(watch));
        await File.WriteAllTextAsync(file, """{ "authorization-plugins": ["content-trust"] }""");
        await UntilAsync(() => !IsMissing(watch));

        await stop.CancelAsync();
        await running;
    }

    private static bool IsMissing(HostWatch watch) => watch.Warnings.Any(w => w.Contains("does not name content-trust", StringComparison.Ordinal));

    private static async Task UntilAsync(Func<bool> happened)
    {
        using var limit = new CancellationTokenSource(Soon);
        while (!happened())
        {
            await Task.Delay(20, limit.Token);
        }
    }
}
