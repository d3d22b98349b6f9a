using AuthzPlugin.Enforcement.Approvals;
using AuthzPlugin.Enforcement.Audit;
using AuthzPlugin.Enforcement.Authorization;
using AuthzPlugin.Enforcement.Credentials;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.Host;
using AuthzPlugin.Enforcement.HostAccess;
using AuthzPlugin.Enforcement.Inquiries;
using AuthzPlugin.Enforcement.LocalBuilds;
using AuthzPlugin.Enforcement.Metrics;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Registry;
using AuthzPlugin.Enforcement.Revocation;
using AuthzPlugin.Enforcement.Running;
using AuthzPlugin.Enforcement.Settings;
using AuthzPlugin.Enforcement.Signatures;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Enforcement.TrustData.Transport;
using AuthzPlugin.Gate.BuildKit;
using AuthzPlugin.Gate.ClassicBuilds;
using AuthzPlugin.Gate.Proxy;
using AuthzPlugin.Gate.Pulls;
using AuthzPlugin.Protocol;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Hosting;

/// <summary>Everything the daemon consists of, wired by hand: one constructor call each, nothing is looked up by type.</summary>
internal sealed class ServiceParts : IAsyncDisposable
{
    /// <summary>Where Debian's, Docker's and the engine's own containerd listen.</summary>
    private static readonly string[] ContainerdSockets = ["/run/containerd/containerd.sock", "/run/docker/containerd/containerd.sock"];

    private readonly List<DatagramSocket> _sockets = [];
    private readonly NotaryTransport _notary;
    private readonly RegistryClient _registry;
    private readonly RevocationService _revocation;
    private readonly SignatureService _signatures;
    private readonly AuthorizationService _service;

    /// <exception cref="IOException">A folder or file cannot be used.</exception>
    public ServiceParts(ServiceSettings settings, Func<PolicyInForce> policy, BreakGlass glass, TimeProvider time, ILoggerFactory loggers)
    {
        BreakGlass = glass;
        Meter = new ServiceMeter(() => policy().Policy, time);
        var options = SettingsMapping.TrustData(settings);
        var credentials = new RegistryCredentials(options, time);
        _notary = new NotaryTransport(options, credentials, time, Meter.Trust);
        Trust = new TrustDataService(options, _notary, time, loggers.CreateLogger<TrustDataService>(), Meter.Trust);
        _registry = new RegistryClient(options, credentials, time);
        _revocation = new RevocationService(options, SettingsMapping.Revocation(settings), time, loggers.CreateLogger<RevocationService>());
        _signatures = new SignatureService(options, _registry, _revocation, time, Meter.Signatures);
        Audit = new AuditLog(SettingsMapping.Audit(settings), time, Sinks(settings, time));
        AuditKeeper = new AuditKeeper(Audit, settings.AuditFlush, time, loggers.CreateLogger<AuditKeeper>());
        EngineTransport = new EngineTransport(settings.EngineSocket, SettingsMapping.Engine(settings));
        Approvals = new ApprovalStore(settings.StateDir, settings.MaxApprovals, loggers.CreateLogger<ApprovalStore>());
        var verified = new VerifiedImages(settings.StateDir, settings.MaxApprovals, loggers.CreateLogger<VerifiedImages>());
        var builds = new LocalBuildStore(settings.StateDir, settings.MaxApprovals, loggers.CreateLogger<LocalBuildStore>());
        _service = new AuthorizationService(
            policy, Trust, _signatures, AuthFrom(credentials), EngineTransport, Approvals, verified, builds, Audit,
            new ProtectedPaths(new HostFiles(), SettingsMapping.OwnPaths(settings)),
            SettingsMapping.Authorization(settings), time, loggers, Meter.Decisions);
        Host = new HostWatch(
            EngineTransport, () => policy().Policy, settings.DaemonConfig, settings.Socket,
            [settings.AdminSocket, settings.EngineSocket, .. ContainerdSockets], time, loggers.CreateLogger<HostWatch>(),
            settings.GateSocket.Length > 0 ? new GatePlace(settings.GateSocket, settings.EngineSocket) : null);
        var shown = new ShownRootKeys(_notary);
        Inquiries = new InquiryEndpoint(
            _service.Inquirer, () => policy().Policy, Trust,
            at => new TrustDataService(options with { ReadOnly = true }, _notary, new FixedTime(at), loggers.CreateLogger<TrustDataService>()), shown);
        Pinning = new PinningEndpoint(() => policy().Policy, Trust, Approvals, new EngineClient(EngineTransport, time), shown, time);
        Gate = new GateParts
        {
            EngineSocket = settings.EngineSocket,
            Passes = _service.Passes,
            Policy = policy,
            Time = time,
            Logger = loggers.CreateLogger<GateServer>(),
            Pulls = new PullsByDigest(_service.BaseImages, settings.DecisionTimeout, time).HandleAsync,
            BuildKit = new BuildKitBridges(
                new BuildKitParts
                {
                    Decide = _service.BaseImages.DecideAsync,
                    Record = _service.Builds.Record,
                    Remember = _service.Builds.RememberAsync,
                    DecisionTimeout = settings.DecisionTimeout,
                    Time = time,
                    Logger = loggers.CreateLogger<BuildKitBridges>(),
                }).HandleAsync,
            Builds = new ClassicBuildHandler(
                _service.BaseImages, _service.Builds, new EngineClient(EngineTransport, time), settings.DecisionTimeout, time).HandleAsync,
        };
        Endpoint = new PluginEndpoint(_service, checked((int)settings.MaxMessageSize));
    }

    public ServiceMeter Meter { get; }

    public BreakGlass BreakGlass { get; }

    public PluginEndpoint Endpoint { get; }

    /// <summary>For the gate, when there is one.</summary>
    public GateParts Gate { get; }

    public InquiryEndpoint Inquiries { get; }

    public PinningEndpoint Pinning { get; }

    public EngineTransport EngineTransport { get; }

    public ApprovalStore Approvals { get; }

    public TrustDataService Trust { get; }

    public RunningWatch Running => _service.Running;

    public Inquirer Inquirer => _service.Inquirer;

    public DecisionCounts Decisions => _service.Counts;

    public HostWatch Host { get; }

    public AuditLog Audit { get; }

    public AuditKeeper AuditKeeper { get; }

    public async ValueTask DisposeAsync()
    {
        _service.Dispose();
        await Trust.DisposeAsync().ConfigureAwait(false);
        await _signatures.DisposeAsync().ConfigureAwait(false);
        await _revocation.DisposeAsync().ConfigureAwait(false);
        _notary.Dispose();
        _registry.Dispose();
        EngineTransport.Dispose();
        Audit.Dispose();
        Meter.Dispose();
        _sockets.ForEach(s => s.Dispose());
    }

    private List<IAuditSink> Sinks(ServiceSettings settings, TimeProvider time)
    {
        var sinks = new List<IAuditSink>();
        if (settings.AuditJournald != AuditForwarding.Off)
        {
            sinks.Add(new JournalSink(SocketTo(JournalSink.DefaultSocket), settings.AuditJournald == AuditForwarding.Refusals));
        }

        if (settings.AuditSyslog.Length > 0)
        {
            sinks.Add(new SyslogSink(SocketTo(settings.AuditSyslog), Environment.MachineName, Environment.ProcessId, time));
        }

        return sinks;
    }

    private DatagramSocket SocketTo(string path)
    {
        var socket = new DatagramSocket(path);
        _sockets.Add(socket);
        return socket;
    }

    private static RegistryAuthSource AuthFrom(RegistryCredentials credentials) => new(credentials.Source, async (host, cancellation) =>
    {
        try
        {
            return (await credentials.FindAsync(host, cancellation).ConfigureAwait(false))?.ToRegistryAuthHeader();
        }
        catch (CredentialsException e)
        {
            throw new TransportException(TransportFault.LoginNeeded, e.Message, e);
        }
    });
}
