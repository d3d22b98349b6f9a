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
    /// <summary>Set by systemd for socket activation (sd_listen_fds(3)).</summary>
    private const string ListenPidVariable = "LISTEN_PID";

    /// <summary>SD_LISTEN_FDS_START.</summary>
    private const int FirstPassedDescriptor = 3;

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

        var fromSystemd = Environment.GetEnvironmentVariable(ListenPidVariable) == Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var problem = fromSystemd ? null : PluginSocket.Prepare(settings.Socket);
        problem ??= PluginSocket.Prepare(settings.AdminSocket);
        if (problem is not null)
        {
            await error.WriteLineAsync($"content-trust: {problem}").ConfigureAwait(false);
            return ExitCodes.CannotStart;
        }

        try
        {
            // The unit says where its socket is, not the settings; containers must not reach that one.
            var passed = fromSystemd ? PluginSocket.PathOf(FirstPassedDescriptor) : null;
            await using var parts = new ServiceParts(settings with { Socket = passed ?? settings.Socket }, watch.InForce, glass, time, loggers);
            var admin = new AdminEndpoint(
                () => StatusReport.Collect(holder, parts, time.GetUtcNow()),
                parts.Inquiries,
                new BreakGlassEndpoint(glass, () => watch.InForce().Policy?.Mode, watch.GlassChanged),
                new CacheEndpoint(parts.Trust, parts.Audit, time));
            var drainTimeout = settings.DecisionTimeout + TimeSpan.FromSeconds(2);
            await using var server = UnixSocketServer.Create(parts.Endpoint.HandleAsync, settings.Socket, fromSystemd, drainTimeout);
            await using var adminServer = UnixSocketServer.Create(admin.HandleAsync, settings.AdminSocket, fromSystemd: false, drainTimeout);
            await server.StartAsync(stop.Token).ConfigureAwait(false);
            await adminServer.StartAsync(stop.Token).ConfigureAwait(false);
            watch.RecordIn(parts.Audit);
            watch.Tell(replaced: parts.Running.LookAgain);
            PluginSocket.Restrict(settings.AdminSocket);
            if (!fromSystemd)
            {
                PluginSocket.Restrict(settings.Socket);
            }

            LogStart(watch, fromSystemd);
            return await ServeAsync(server, parts, watch, time, stop.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
        {
            await error.WriteLineAsync($"content-trust: cannot start: {e.Message}; check the paths in the settings and run as root").ConfigureAwait(false);
            return ExitCodes.CannotStart;
        }
    }

    private async Task<int> ServeAsync(UnixSocketServer server, ServiceParts parts, PolicyWatch watch, TimeProvider time, CancellationToken stop)
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
        await server.DrainAsync(time).ConfigureAwait(false);
        await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        parts.AuditKeeper.Stop();
        return ended.IsFaulted ? ExitCodes.Failed : ExitCodes.Ok;
    }

    private void LogStart(PolicyWatch watch, bool fromSystemd)
    {
        var (mode, source) = watch.Describe();
        Log.Started(_logger, StatusReport.Version, fromSystemd ? "the socket of systemd" : settings.Socket, mode, source);
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
