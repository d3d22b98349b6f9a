using System.Net;
using System.Net.Sockets;
using AuthzPlugin.Enforcement.Metrics;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Settings;
using AuthzPlugin.Protocol;

namespace AuthzPlugin.Hosting;

/// <summary>
/// The ways out that the settings open for metrics. None of them is a reason not to answer the engine: what does not work is a line in the log.
/// </summary>
internal sealed class MetricsOutput(ServiceMeter meter, ServiceSettings settings, ILogger logger)
{
    /// <summary>Opens what the settings say, and closes it when cancelled; the last values are sent beside the drain, not after it.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        await Task.Yield();
        try
        {
            await OpenAsync(cancellation).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever breaks the way out of a number must not end the service that answers the engine.
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (!cancellation.IsCancellationRequested)
            {
                Log.MetricsFailed(logger, e);
            }
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>What is read off the parts when somebody asks.</summary>
    public static ServiceReadings Readings(PolicyHolder policy, PolicyWatch watch, ServiceParts parts) => new()
    {
        Version = StatusReport.Version,
        Policy = policy,
        Mode = () => watch.InForce().Policy?.Mode,
        BreakGlass = () => watch.InForce().Policy?.BreakGlass == true,
        Approvals = () => parts.Approvals.Count,
        AuditFailures = () => parts.Audit.Failures,
        RunningRefused = () => parts.Running.Findings.Count(f => !f.Stopped),
        Expiries = () => watch.InForce().Policy is { } inForce ? parts.Trust.Expiries(inForce) : [],
    };

    private async Task OpenAsync(CancellationToken cancellation)
    {
        using var store = MetricsAddress.TryParse(settings.MetricsListen, out var endpoint) ? new MetricStore(meter) : null;
        await using var server = store is null ? null : await ListenAsync(store, endpoint!, cancellation).ConfigureAwait(false);
        using var export = settings.OtlpEndpoint is { } collector ? new OtlpExport(meter, collector, settings.OtlpInterval, logger) : null;
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (export is not null)
        {
            await Task.Run(export.Stop, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task<MetricsServer?> ListenAsync(MetricStore store, EndPoint endpoint, CancellationToken cancellation)
    {
        var server = MetricsServer.Create(new MetricsEndpoint(store, anyHost: endpoint is UnixDomainSocketEndPoint), endpoint);
        if (await server.StartAsync(cancellation).ConfigureAwait(false) is not { } problem)
        {
            return server;
        }

        Log.MetricsNotServed(logger, settings.MetricsListen, problem);
        await server.DisposeAsync().ConfigureAwait(false);
        return null;
    }
}
