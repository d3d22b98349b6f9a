using AuthzPlugin.Enforcement.Approvals;
using AuthzPlugin.Enforcement.Audit;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Enforcement.HostAccess;
using AuthzPlugin.Enforcement.Inquiries;
using AuthzPlugin.Enforcement.LocalBuilds;
using AuthzPlugin.Enforcement.Metrics;
using AuthzPlugin.Enforcement.Running;
using AuthzPlugin.Enforcement.Signatures;
using AuthzPlugin.Enforcement.TrustData;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.Authorization;

/// <summary>
/// Answers the engine's questions: the whole of the product behind the plugin protocol. Safe for any number of concurrent calls.
/// Neither method throws for anything that a request, a server or the engine can do; cancellation is a broken connection.
/// </summary>
public sealed class AuthorizationService : IDisposable
{
    private readonly Func<PolicyInForce> _policy;
    private readonly DecisionSlots _slots;
    private readonly RequestAuthorizer _requests;
    private readonly ResponseAuthorizer _responses;

    /// <param name="meter">Counts the answers; null: nothing is counted.</param>
    public AuthorizationService(
        Func<PolicyInForce> policy,
        ITrustData trust,
        ISignatureSource signatures,
        RegistryAuthSource registryAuth,
        EngineTransport engineTransport,
        ApprovalStore approvals,
        VerifiedImages verified,
        LocalBuildStore builds,
        AuditLog audit,
        ProtectedPaths paths,
        AuthorizationOptions options,
        TimeProvider time,
        ILoggerFactory loggers,
        DecisionMeter? meter = null)
    {
        _policy = policy;
        Passes = new GatePasses(time);
        var logger = loggers.CreateLogger<AuthorizationService>();
        var engine = new EngineClient(engineTransport, time);
        var tags = new TagDecider(trust);
        var exceptions = new ExceptionDecider(engine, new LocalDigests(verified), registryAuth, time);
        var own = new InquirySources(trust, signatures, time);
        var contents = Contents(own);
        var images = Images(own);
        var standing = new StandingEvidence(time);
        _slots = new DecisionSlots(options.MaxConcurrentDecisions);
        BaseImages = new BaseImages(tags, contents, _slots);
        var hostAccess = new HostAccessGuard(new HostAccessDecider(engine, paths));
        var starts = new StartDecider(approvals, new ApprovalCheck(trust, standing), images, hostAccess, engine, _slots);
        var pending = new PendingRequests(time);
        var recorder = new Recorder(audit, options.RefuseUnrecorded, Counts, meter, time, logger);
        Builds = new GateBuilds(recorder, builds, engine, time, logger);
        var pulls = new PullDecider(tags, contents, engine, registryAuth);
        var decider = new RequestDecider(
            pulls, images, exceptions, starts, new ServiceDecider(pulls, images, exceptions, hostAccess, engine, standing), new PluginDecider(pulls, engine), hostAccess,
            engine, _slots, approvals);
        var asked = new AskedStarts(time);
        Running = new RunningWatch(
            new RunningContainers(engine, starts, audit, options.DecisionTimeout, meter, time, logger), asked, engine, policy, time, logger);
        Inquirer = new Inquirer(Images, own, decider, starts, engine, options.DecisionTimeout);
        _requests = new RequestAuthorizer(
            decider, new NameGate(time, options.GateBudget), pending, asked, recorder, meter, engineTransport, time, options, logger);
        _responses = new ResponseAuthorizer(
            new CreatedContainers(engine, images, exceptions, verified, approvals, time, logger),
            new StartedContainers(engine, starts, time, logger),
            pending, recorder, meter, time, options, logger);

        ContentDecider Contents(InquirySources sources) => new(
            new EvidenceDecider(new TagDecider(sources.Trust), sources.Signatures, sources.Time),
            new ConfigProof(sources.Signatures, verified), sources.Signatures, engine, verified);

        ImageDecider Images(InquirySources sources)
        {
            var (names, signed) = (new TagDecider(sources.Trust), Contents(sources));
            var local = new LocalBuildDecider(builds, names, signed, engine);
            return new ImageDecider(names, signed, new ConfigProof(sources.Signatures, verified), engine, verified, local, exceptions);
        }
    }

    /// <summary>What was decided since the start.</summary>
    public DecisionCounts Counts { get; } = new();

    /// <summary>Sees what nobody asked about.</summary>
    public RunningWatch Running { get; }

    /// <summary>What builds may begin from.</summary>
    public BaseImages BaseImages { get; }

    /// <summary>What the gate says about the requests that it forwards.</summary>
    public GatePasses Passes { get; }

    /// <summary>Where the gate reports its builds.</summary>
    public GateBuilds Builds { get; }

    /// <summary>Answers an administrator's questions.</summary>
    public Inquirer Inquirer { get; }

    /// <summary><c>AuthZPlugin.AuthZReq</c>. Null stands for a message that was empty or unreadable (R2).</summary>
    public ValueTask<Answer> AuthorizeRequestAsync(AuthZRequest? request, CancellationToken cancellation) =>
        _requests.AuthorizeAsync(request is null ? null : Identify(request, Passes.TakeForRequest(request)), _policy(), cancellation);

    /// <summary><c>AuthZPlugin.AuthZRes</c>.</summary>
    public Task<Answer> AuthorizeResponseAsync(AuthZRequest request, EngineResult result, CancellationToken cancellation) =>
        _responses.AuthorizeAsync(Identify(request, Passes.TakeForResponse(request)), result, _policy(), cancellation);

    public void Dispose() => _slots.Dispose();

    private static AuthZRequest Identify(AuthZRequest request, GatePass? pass) =>
        pass is null ? request : request with { Caller = pass.Caller, InspectedByGate = pass.Inspected };
}
