namespace AuthzPlugin.Enforcement.Metrics;

/// <summary>How values of a metric add up.</summary>
public enum MetricKind
{
    /// <summary>Only grows, from zero at the start of the process.</summary>
    Counter,

    /// <summary>A value of this moment.</summary>
    Gauge,

    /// <summary>A distribution in buckets.</summary>
    Histogram,
}

/// <summary>One metric: its row in docs/metrics.md. Names follow the conventions of OpenTelemetry.</summary>
/// <param name="Name">Such as <c>content_trust.decisions</c>.</param>
/// <param name="Unit">UCUM: <c>s</c>, or what is counted, in braces.</param>
/// <param name="Labels">Every label that a value has, in order. Their values are words of this program or names of the policy, never a user's text.</param>
/// <param name="Help">One sentence.</param>
public sealed record MetricDescription(string Name, MetricKind Kind, string Unit, IReadOnlyList<string> Labels, string Help)
{
    /// <summary>Upper bounds of a histogram's buckets, rising.</summary>
    public IReadOnlyList<double> Buckets { get; init; } = [];

    /// <summary>
    /// As Prometheus names it: <c>content_trust_decisions_total</c>, <c>…_seconds</c>. OpenTelemetry's own translation gives the same, so
    /// dashboard and alerts fit both ways out.
    /// </summary>
    public string PrometheusName =>
        Name.Replace('.', '_') + (Unit == "s" ? "_seconds" : "") + (Kind == MetricKind.Counter ? "_total" : "");
}
