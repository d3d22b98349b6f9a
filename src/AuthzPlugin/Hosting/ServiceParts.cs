using AuthzPlugin.Enforcement.Approvals;
using AuthzPlugin.Enforcement.Audit;
using AuthzPlugin.Enforcement.Authorization;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.Settings;
using AuthzPlugin.Protocol;

namespace AuthzPlugin.Hosting;

/// <summary>Everything the daemon consists of, wired by hand: one constructor call each, nothing is looked up by type.</summary>
internal sealed class ServiceParts : IDisposable
{
    private readonly AuditLog _audit;

    private ServiceParts(PluginEndpoint endpoint, EngineTransport engine, ApprovalStore approvals, AuditLog audit)
    {
        Endpoint = endpoint;
        EngineTransport = engine;
        Approvals = approvals;
        _audit = audit;
    }

    public PluginEndpoint Endpoint { get; }

    public EngineTransport EngineTransport { get; }

    public ApprovalStore Approvals { get; }

    /// <exception cref="IOException">A folder or file cannot be used.</exception>
    public static ServiceParts Create(ServiceSettings settings, Func<PolicyInForce> policy, TimeProvider time, ILoggerFactory loggers)
    {
        throw new NotImplementedException();
    }

    public void Dispose()
    {
        EngineTransport.Dispose();
        _audit.Dispose();
    }
}
