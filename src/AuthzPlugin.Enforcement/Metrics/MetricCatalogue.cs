namespace AuthzPlugin.Enforcement.Metrics;

/// <summary>
/// The table of metrics. Tests compare it with docs/metrics.md, the dashboard and the alert rules: names are an interface.
/// </summary>
public static class MetricCatalogue
{
    /// <summary>A read takes microseconds, a decision from memory a millisecond; ten seconds is the default budget, five minutes the longest.</summary>
    private static readonly double[] DecisionBuckets = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

    private static readonly double[] ServerBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

    /// <summary>A minute to a week; <c>max-stale</c> is three days by default.</summary>
    private static readonly double[] StaleBuckets = [60, 600, 3600, 21_600, 86_400, 172_800, 259_200, 604_800];

    public static readonly MetricDescription Decisions = new(
        "content_trust.decisions", MetricKind.Counter, "{decision}", ["outcome", "reason", "phase", "answer", "evidence"], "Decisions, by what was found, what was answered and which evidence decided.");

    public static readonly MetricDescription RequestDuration = new(
        "content_trust.request.duration", MetricKind.Histogram, "s", ["kind", "phase"], "Time from the engine's question to the answer.")
    {
        Buckets = DecisionBuckets,
    };

    public static readonly MetricDescription UnaskedStarts = new(
        "content_trust.unasked_starts", MetricKind.Counter, "{container}", ["outcome", "answer"], "Containers that run without having been asked about and were decided.");

    public static readonly MetricDescription RunningRefused = new(
        "content_trust.running.refused", MetricKind.Gauge, "{container}", [], "Containers that run now and would not be allowed to start.");

    public static readonly MetricDescription ServerDuration = new(
        "content_trust.trust_server.request.duration", MetricKind.Histogram, "s", ["server.address"], "Time of one request to a trust server, failed ones included.")
    {
        Buckets = ServerBuckets,
    };

    public static readonly MetricDescription ServerFailures = new(
        "content_trust.trust_server.failures", MetricKind.Counter, "{request}", ["server.address", "error.type"], "Requests to a trust server that brought no usable answer.");

    public static readonly MetricDescription TrustDataAnswers = new(
        "content_trust.trust_data.answers", MetricKind.Counter, "{answer}", ["source"], "Questions for trust data of a repository, by where the answer came from.");

    public static readonly MetricDescription StaleAge = new(
        "content_trust.trust_data.stale_age", MetricKind.Histogram, "s", [], "Age of cached trust data when it answered because the server could not be asked.")
    {
        Buckets = StaleBuckets,
    };

    public static readonly MetricDescription Expiry = new(
        "content_trust.trust_data.expiry", MetricKind.Gauge, "s", ["repository"], "Time until the trust data of a repository expires; below zero it has. The soonest only.");

    public static readonly MetricDescription EarliestExpiry = new(
        "content_trust.trust_data.earliest_expiry", MetricKind.Gauge, "s", [], "Time until the first trust data of any repository in use expires.");

    public static readonly MetricDescription SignatureAnswers = new(
        "content_trust.signatures.answers", MetricKind.Counter, "{answer}", ["evidence", "source"], "Questions for the signatures of an image, by where the answer came from.");

    public static readonly MetricDescription SignatureSearchDuration = new(
        "content_trust.signatures.search.duration", MetricKind.Histogram, "s", ["evidence"], "Time of one search for signatures in a registry, failed ones included.")
    {
        Buckets = ServerBuckets,
    };

    public static readonly MetricDescription AuditFailures = new(
        "content_trust.audit.failures", MetricKind.Counter, "{record}", [], "Audit records that could not be written.");

    public static readonly MetricDescription Approvals = new(
        "content_trust.approvals", MetricKind.Gauge, "{approval}", [], "Containers that were decided trusted when they were created.");

    public static readonly MetricDescription Reloads = new(
        "content_trust.policy.reloads", MetricKind.Counter, "{reload}", ["result"], "Reloads of the policy, by what came of them.");

    public static readonly MetricDescription PolicyProblems = new(
        "content_trust.policy.problems", MetricKind.Gauge, "{problem}", [], "Problems of the policy as its file is now; with any, that file is not in force.");

    public static readonly MetricDescription PolicyWarnings = new(
        "content_trust.policy.warnings", MetricKind.Gauge, "{warning}", [], "Warnings about the policy in force.");

    public static readonly MetricDescription Mode = new(
        "content_trust.mode", MetricKind.Gauge, "{mode}", ["mode"], "1 for the mode in force, 0 for the others.");

    public static readonly MetricDescription BreakGlass = new(
        "content_trust.break_glass", MetricKind.Gauge, "{opening}", [], "1 while break-glass holds enforcement open.");

    public static readonly MetricDescription Build = new(
        "content_trust.build", MetricKind.Gauge, "{build}", ["version"], "1, with the version of the program.");

    /// <summary>Every metric, in the order of docs/metrics.md.</summary>
    public static IReadOnlyList<MetricDescription> All { get; } =
    [
        Decisions, RequestDuration, UnaskedStarts, RunningRefused, ServerDuration, ServerFailures, TrustDataAnswers, StaleAge, Expiry,
        EarliestExpiry, SignatureAnswers, SignatureSearchDuration, AuditFailures, Approvals, Reloads, PolicyProblems, PolicyWarnings, Mode, BreakGlass, Build,
    ];
}
