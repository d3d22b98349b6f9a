namespace AuthzPlugin.Hosting;

internal static partial class Log
{
    [LoggerMessage(EventId = 1001, Level = LogLevel.Information, Message = "content-trust {Version} answers on {Socket}, mode {Mode}, policy {Source}")]
    public static partial void Started(ILogger logger, string version, string socket, string mode, string source);

    [LoggerMessage(EventId = 1016, Level = LogLevel.Information, Message = "the gate stands at {Socket}, the engine behind it at {Engine}")]
    public static partial void GateOpen(ILogger logger, string socket, string engine);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Information, Message = "stopping: answering what is in flight")]
    public static partial void Stopping(ILogger logger);

    [LoggerMessage(EventId = 1003, Level = LogLevel.Error, Message = "policy problem: {Problem}")]
    public static partial void PolicyProblem(ILogger logger, string problem);

    [LoggerMessage(EventId = 1004, Level = LogLevel.Warning, Message = "policy warning: {Warning}")]
    public static partial void PolicyWarning(ILogger logger, string warning);

    [LoggerMessage(EventId = 1005, Level = LogLevel.Error, Message = "the policy is invalid: reads are answered, every other request is refused until a reload finds a good one")]
    public static partial void PolicyInvalid(ILogger logger);

    [LoggerMessage(EventId = 1006, Level = LogLevel.Information, Message = "policy reload: {Outcome}, mode {Mode}, policy {Source}")]
    public static partial void PolicyReloaded(ILogger logger, string outcome, string mode, string source);

    [LoggerMessage(EventId = 1007, Level = LogLevel.Warning, Message = "content trust is disabled: every image runs (no stanza was found or its mode is disabled)")]
    public static partial void PolicyDisabled(ILogger logger);

    [LoggerMessage(EventId = 1011, Level = LogLevel.Critical, Message = "break-glass: {What}")]
    public static partial void BreakGlass(ILogger logger, string what);

    [LoggerMessage(EventId = 1015, Level = LogLevel.Warning, Message = "exception: {Warning}")]
    public static partial void ExceptionEnds(ILogger logger, string warning);

    [LoggerMessage(EventId = 1010, Level = LogLevel.Critical, Message = "a part of the service failed; it stops, and is whole again when it is restarted")]
    public static partial void PartFailed(ILogger logger, Exception error);

    [LoggerMessage(EventId = 1009, Level = LogLevel.Critical, Message = "audit event {Event} not written: {Problem}")]
    public static partial void EventNotRecorded(ILogger logger, string @event, string problem);

    [LoggerMessage(EventId = 1020, Level = LogLevel.Error, Message = "metrics cannot be read at {Address}: {Problem}")]
    public static partial void MetricsNotServed(ILogger logger, string address, string problem);

    [LoggerMessage(EventId = 1021, Level = LogLevel.Warning, Message = "metrics do not reach {Collector}: {Problem}; this is said once, they are sent again at every interval")]
    public static partial void MetricsNotSent(ILogger logger, string collector, string problem);

    [LoggerMessage(EventId = 1022, Level = LogLevel.Information, Message = "metrics reach {Collector} again")]
    public static partial void MetricsSentAgain(ILogger logger, string collector);

    [LoggerMessage(EventId = 1023, Level = LogLevel.Error, Message = "metrics are off until the next start, a fault of this program or of an OTEL_ variable")]
    public static partial void MetricsFailed(ILogger logger, Exception error);

    [LoggerMessage(EventId = 1012, Level = LogLevel.Warning, Message = "refused from now on: {What}")]
    public static partial void RefusedFromNowOn(ILogger logger, string what);

    [LoggerMessage(EventId = 1013, Level = LogLevel.Warning, Message = "the mode became enforced: {What}")]
    public static partial void NowEnforced(ILogger logger, string what);

    [LoggerMessage(EventId = 1014, Level = LogLevel.Warning, Message = "the mode became enforced, and what this host has could not be listed: {Problem}; run content-trust report --host")]
    public static partial void HostNotListed(ILogger logger, string problem);

    [LoggerMessage(EventId = 1008, Level = LogLevel.Warning, Message = "systemd was not told {State}: {Problem}")]
    public static partial void NotNotified(ILogger logger, string state, string problem);
}
