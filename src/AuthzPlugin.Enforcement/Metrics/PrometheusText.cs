using System.Globalization;
using System.Text;

namespace AuthzPlugin.Enforcement.Metrics;

/// <summary>The text format of Prometheus, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).</summary>
internal static class PrometheusText
{
    /// <summary>Series in a fixed order, so that two scrapes can be compared.</summary>
    public static string Write(IEnumerable<MetricFamily> families)
    {
        var text = new StringBuilder();
        foreach (var family in families)
        {
            var metric = family.Metric;
            text.Append(CultureInfo.InvariantCulture, $"# HELP {metric.PrometheusName} {Escape(metric.Help, quotes: false)}\n");
            text.Append(CultureInfo.InvariantCulture, $"# TYPE {metric.PrometheusName} {metric.Kind.ToString().ToLowerInvariant()}\n");
            var series = family.Snapshot().Select(s => (Labels: Labels(metric, s.Key), s.Series)).OrderBy(s => s.Labels, StringComparer.Ordinal);
            foreach (var (labels, values) in series)
            {
                WriteSeries(text, metric, labels, values);
            }
        }

        return text.ToString();
    }

    private static void WriteSeries(StringBuilder text, MetricDescription metric, string labels, MetricSeries values)
    {
        if (metric.Kind != MetricKind.Histogram)
        {
            WriteLine(text, metric.PrometheusName, labels, Number(values.Value));
            return;
        }

        var below = 0L;
        var separator = labels.Length == 0 ? "" : ",";
        for (var i = 0; i < metric.Buckets.Count; i++)
        {
            below += values.Buckets[i];
            WriteLine(text, metric.PrometheusName + "_bucket", $"{labels}{separator}le=\"{Number(metric.Buckets[i])}\"", Number(below));
        }

        WriteLine(text, metric.PrometheusName + "_bucket", $"{labels}{separator}le=\"+Inf\"", Number(values.Count));
        WriteLine(text, metric.PrometheusName + "_sum", labels, Number(values.Value));
        WriteLine(text, metric.PrometheusName + "_count", labels, Number(values.Count));
    }

    private static void WriteLine(StringBuilder text, string name, string labels, string value) =>
        text.Append(CultureInfo.InvariantCulture, $"{name}{(labels.Length == 0 ? "" : $"{{{labels}}}")} {value}\n");

    private static string Labels(MetricDescription metric, SeriesKey key) =>
        string.Join(',', metric.Labels.Select((label, i) => $"{label.Replace('.', '_')}=\"{Escape(key[i], quotes: true)}\""));

    private static string Escape(string text, bool quotes)
    {
        var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
