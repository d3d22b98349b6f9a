using System.Net.Sockets;
using System.Runtime.InteropServices;
using AuthzPlugin.Enforcement.Approvals;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Settings;
using AuthzPlugin.Protocol;

namespace AuthzPlugin.Hosting;

/// <summary>The life of the daemon: start, serve, reload on SIGHUP, drain on SIGTERM or SIGINT.</summary>
internal sealed class ServiceRunner(ServiceSettings settings, PolicyHolder holder, PolicyFileWatcher files, ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger("content-trust");
    private readonly SystemdNotifier _systemd = new(
        Environment.GetEnvironmentVariable("NOTIFY_SOCKET"), Environment.GetEnvironmentVariable("WATCHDOG_USEC"));

    /// <summary>Returns the exit code.</summary>
    public async Task<int> RunAsync(TimeProvider time, TextWriter error)
    {
        using var stop = new CancellationTokenSource();
        using var terminate = OnSignal(PosixSignal.SIGTERM, stop.Cancel);
        using var interrupt = OnSignal(PosixSignal.SIGINT, stop.Cancel);
        var glass = new BreakGlass(settings.StateDir, time);
        var watch = new PolicyWatch(holder, glass, files, time, _logger);
        using var hangUp = OnSignal(PosixSignal.SIGHUP, watch.Reload);

        var passed = PassedSockets.Read(Environment.GetEnvironmentVariable, Environment.ProcessId);
        var problem = passed.Plugin is null ? PluginSocket.Prepare(settings.Socket) : null;
        problem ??= PluginSocket.Prepare(settings.AdminSocket);
        if (problem is not null)
        {
            await error.WriteLineAsync($"content-trust: {problem}").ConfigureAwait(false);
            return ExitCodes.CannotStart;
        }

        try
        {
            // The unit says where its socket is, not the settings; containers must not reach that one.
            var place = passed.Plugin is { } descriptor ? PluginSocket.PathOf(descriptor) : null;
            var gatePlace = passed.Gate is { } gateDescriptor ? PluginSocket.PathOf(gateDescriptor) : null;
            var placed = GateInstallation.Placed(
                settings with { Socket = place ?? settings.Socket, GateSocket = gatePlace ?? settings.GateSocket }, passed.Gate is not null, PluginSocket.IsBound);
            await using var parts = new ServiceParts(placed, watch.InForce, glass, time, loggers);
            await using var gate = GateHost.Open(placed, passed.Gate, parts.Gate);
            var gateReport = new GateReport(gate, placed.EngineSocket, time.GetUtcNow());
            var admin = new AdminEndpoint(
                (days, cancellation) => StatusReport.CollectAsync(holder, parts, gateReport, time, days, cancellation),
                parts.Inquiries,
                new BreakGlassEndpoint(glass, () => watch.InForce().Policy?.Mode, watch.GlassChanged),
                new CacheEndpoint(parts.Trust, parts.Audit, time),
                parts.Pinning);
            var drainTimeout = settings.DecisionTimeout + TimeSpan.FromSeconds(2);
            await using var server = UnixSocketServer.Create(parts.Endpoint.HandleAsync, settings.Socket, passed.Plugin, drainTimeout);
            await using var adminServer = UnixSocketServer.Create(admin.HandleAsync, settings.AdminSocket, null, drainTimeout);
            await server.StartAsync(stop.Token).ConfigureAwait(false);
            await adminServer.StartAsync(stop.Token).ConfigureAwait(false);
            parts.Meter.Observe(MetricsOutput.Readings(holder, watch, parts));
            watch.RecordIn(parts.Audit);
            var enforcement = new EnforcementReport(
                watch.InForce, parts.Inquirer, (happened, message) => watch.Write(watch.Event(happened, message)), _logger);
            watch.Tell(replaced: () =>
            {
                parts.Running.LookAgain();
                enforcement.Changed();
            });
            PluginSocket.Restrict(settings.AdminSocket);
            if (passed.Plugin is null)
            {
                PluginSocket.Restrict(settings.Socket);
            }

            gate?.Start();
            LogStart(watch, passed.Plugin is null ? settings.Socket : "the socket of systemd", gate, placed.EngineSocket);
            return await ServeAsync(server, gate, parts, watch, enforcement, time, stop.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
        {
            await error.WriteLineAsync($"content-trust: cannot start: {e.Message}; check the paths in the settings and run as root").ConfigureAwait(false);
            return ExitCodes.CannotStart;
        }
    }

    private async Task<int> ServeAsync(
        UnixSocketServer server, GateHost? gate, ServiceParts parts, PolicyWatch watch, EnforcementReport enforcement, TimeProvider time, CancellationToken stop)
    {
        Notify("READY=1");
        using var background = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var tasks = new[]
        {
            watch.RunAsync(background.Token),
            new ApprovalCleaner(parts.EngineTransport, parts.Approvals, time).RunAsync(background.Token),
            parts.AuditKeeper.RunAsync(background.Token),
            parts.Running.RunAsync(background.Token),
            parts.Host.RunAsync(background.Token),
            new MetricsOutput(parts.Meter, settings, _logger).RunAsync(background.Token),
            enforcement.RunAsync(background.Token),
            SendWatchdogAsync(time, background.Token),
        };
        // Each of them runs until it is cancelled.
        var ended = await Task.WhenAny([.. tasks, Task.Delay(Timeout.InfiniteTimeSpan, time, stop)]).ConfigureAwait(false);
        if (ended.Exception?.GetBaseException() is { } fault)
        {
            // A part that watches died of a fault of ours: systemd starts us anew, whole.
            Log.PartFailed(_logger, fault);
            await background.CancelAsync().ConfigureAwait(false);
        }

        Notify("STOPPING=1");
        Log.Stopping(_logger);
        watch.Write(watch.Event("stopping", "asked to stop; answering what is in flight"));
        // What the gate has forwarded still needs the plugin's answers.
        await (gate?.DrainAsync() ?? Task.CompletedTask).ConfigureAwait(false);
        await server.DrainAsync(time).ConfigureAwait(false);
        await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        parts.AuditKeeper.Stop();
        return ended.IsFaulted ? ExitCodes.Failed : ExitCodes.Ok;
    }

    private void LogStart(PolicyWatch watch, string socket, GateHost? gate, string engineSocket)
    {
        var (mode, source) = watch.Describe();
        if (gate is not null)
        {
            Log.GateOpen(_logger, gate.Path, engineSocket);
        }

        Log.Started(_logger, StatusReport.Version, socket, mode, source);
        watch.LogState();
        watch.Write(watch.Event("started", $"content-trust {StatusReport.Version} answers, policy {source}"));
    }

    /// <summary>systemd restarts us when the signs of life stop; they come from the thread pool that also answers questions.</summary>
    private async Task SendWatchdogAsync(TimeProvider time, CancellationToken cancellation)
    {
        var interval = _systemd.WatchdogInterval;
        while (!cancellation.IsCancellationRequested)
        {
            if (interval is not null)
            {
                Notify("WATCHDOG=1");
            }

            await Task.Delay(interval ?? Timeout.InfiniteTimeSpan, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Notify(string state)
    {
        try
        {
            _systemd.Notify(state);
        }
        catch (SocketException e)
        {
            Log.NotNotified(_logger, state, e.Message);
        }
    }

    private static PosixSignalRegistration OnSignal(PosixSignal signal, Action action) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            action();
        });
}
