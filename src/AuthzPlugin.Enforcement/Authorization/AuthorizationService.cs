using AuthzPlugin.Enforcement.Approvals;
using AuthzPlugin.Enforcement.Audit;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Enforcement.HostAccess;
using AuthzPlugin.Enforcement.Inquiries;
using AuthzPlugin.Enforcement.LocalBuilds;
using AuthzPlugin.Enforcement.Running;
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

    public AuthorizationService(
        Func<PolicyInForce> policy,
        ITrustData trust,
        RegistryAuthSource registryAuth,
        EngineTransport engineTransport,
        ApprovalStore approvals,
        VerifiedImages verified,
        LocalBuildStore builds,
        AuditLog audit,
        ProtectedPaths paths,
        AuthorizationOptions options,
        TimeProvider time,
        ILoggerFactory loggers)
    {
        _policy = policy;
        Passes = new GatePasses(time);
        var logger = loggers.CreateLogger<AuthorizationService>();
        var engine = new EngineClient(engineTransport, time);
        var tags = new TagDecider(trust);
        var images = new ImageDecider(tags, engine, verified, builds);
        _slots = new DecisionSlots(options.MaxConcurrentDecisions);
        BaseImages = new BaseImages(tags, _slots);
        var hostAccess = new HostAccessGuard(new HostAccessDecider(engine, paths));
        var starts = new StartDecider(approvals, new ApprovalCheck(trust), images, hostAccess, engine, _slots);
        var pending = new PendingRequests(time);
        var recorder = new Recorder(audit, options.RefuseUnrecorded, time, logger);
        Builds = new GateBuilds(recorder, builds, engine, time, logger);
        var pulls = new PullDecider(tags, engine, registryAuth);
        var decider = new RequestDecider(
            pulls, images, starts, new ServiceDecider(pulls, images, hostAccess, engine), new PluginDecider(pulls, engine), hostAccess,
            engine, _slots, approvals);
        var asked = new AskedStarts(time);
        Running = new RunningWatch(
            new RunningContainers(engine, starts, audit, options.DecisionTimeout, time, logger), asked, engine, policy, time, logger);
        Inquirer = new Inquirer(
            other => new ImageDecider(new TagDecider(other), engine, verified, builds), trust, decider, starts, engine, options.DecisionTimeout, time);
        _requests = new RequestAuthorizer(
            decider, new NameGate(time, options.GateBudget), pending, asked, recorder, engineTransport, time, options, logger);
        _responses = new ResponseAuthorizer(
            new CreatedContainers(engine, images, verified, approvals, time, logger),
            new StartedContainers(engine, starts, time, logger),
            pending, recorder, time, options, logger);
    }

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
    public Task<Answer> AuthorizeRequestAsync(AuthZRequest? request, CancellationToken cancellation) =>
        _requests.AuthorizeAsync(request is null ? null : Identify(request, Passes.TakeForRequest(request)), _policy(), cancellation);

    /// <summary><c>AuthZPlugin.AuthZRes</c>.</summary>
    public Task<Answer> AuthorizeResponseAsync(AuthZRequest request, EngineResult result, CancellationToken cancellation) =>
        _responses.AuthorizeAsync(Identify(request, Passes.TakeForResponse(request)), result, _policy(), cancellation);

    public void Dispose() => _slots.Dispose();

    private static AuthZRequest Identify(AuthZRequest request, GatePass? pass) =>
        pass is null ? request : request with { Caller = pass.Caller, InspectedByGate = pass.Inspected };
}
