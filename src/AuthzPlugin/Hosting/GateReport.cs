using AuthzPlugin.Protocol;

namespace AuthzPlugin.Hosting;

/// <summary>What <c>status</c> shows of the gate.</summary>
/// <param name="gate">Null: it is off.</param>
/// <param name="engineSocket">Where the engine listens behind it.</param>
/// <param name="since">When this process opened it.</param>
internal sealed class GateReport(GateHost? gate, string engineSocket, DateTimeOffset since)
{
    public GateStatus Collect()
    {
        var written = GateInstallation.IsWritten("");
        return gate is null
            ? new GateStatus { On = false, Pending = written ? "enable" : null }
            : new GateStatus
            {
                On = true,
                Socket = gate.Path,
                EngineSocket = engineSocket,
                Since = since,
                Connections = gate.Connections,
                Pending = gate.OfSystemd && !written ? "disable" : null,
            };
    }
}
