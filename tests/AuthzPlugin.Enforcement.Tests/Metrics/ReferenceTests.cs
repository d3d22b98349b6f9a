using System.Text.Json;
using System.Text.RegularExpressions;
using AuthzPlugin.Enforcement.Metrics;
using AuthzPlugin.Testing;

namespace AuthzPlugin.Enforcement.Tests.Metrics;

/// <summary>docs/metrics.md, the dashboard and the alert rules name the metrics that there are.</summary>
public partial class ReferenceTests
{
    [Fact]
    public void Every_metric_stands_in_the_table_with_type_unit_and_labels_and_no_other()
    {
        var rows = SourceTree.Read("docs/metrics.md").Split('\n')
            .Where(line => line.StartsWith("| `content_trust", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => (cells[1].Trim('`'), cells[2], cells[3], cells[4].Replace("`", "", StringComparison.Ordinal)));

        Assert.Equal(
            MetricCatalogue.All.Select(m => (m.Name, m.Kind.ToString().ToLowerInvariant(), m.Unit, string.Join(", ", m.Labels))),
            rows);
    }

    [Fact]
    public void Every_metric_is_made_by_the_meter()
    {
        using var bench = new MeterBench();

        Assert.Equal(MetricCatalogue.All.Select(m => m.PrometheusName), bench.Scrape().Families);
    }

    [Theory]
    [InlineData("packaging/grafana/content-trust.json")]
    [InlineData("packaging/prometheus/content-trust.rules.yml")]
    [InlineData("packaging/prometheus/content-trust.test.yml")]
    public void Every_metric_that_a_file_names_exists(string file)
    {
        var text = SourceTree.Read(file);
        var known = MetricCatalogue.All.SelectMany(SampleNames).ToHashSet(StringComparer.Ordinal);
        var named = Name().Matches(text).Select(m => m.Value).Distinct(StringComparer.Ordinal).ToArray();

        Assert.True(named.Length >= 10, $"{file} names only {named.Length}");
        Assert.Empty(named.Except(known, StringComparer.Ordinal));
    }

    [Fact]
    public void Every_metric_is_on_the_dashboard()
    {
        var panels = JsonDocument.Parse(SourceTree.Read("packaging/grafana/content-trust.json")).RootElement.GetProperty("panels").EnumerateArray().ToArray();
        var expressions = string.Join('\n', panels.SelectMany(p => p.GetProperty("targets").EnumerateArray()).Select(t => t.GetProperty("expr").GetString()));

        Assert.Equal(panels.Length, panels.Select(p => p.GetProperty("id").GetInt32()).Distinct().Count());
        Assert.All(MetricCatalogue.All, m => Assert.Contains(m.PrometheusName, expressions, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_label_that_a_rule_or_panel_selects_by_exists()
    {
        var labels = MetricCatalogue.All.SelectMany(m => m.Labels).Select(l => l.Replace('.', '_')).Concat(["instance", "job", "le", "severity"]).ToHashSet();
        foreach (var file in (string[])["packaging/grafana/content-trust.json", "packaging/prometheus/content-trust.rules.yml"])
        {
            var text = SourceTree.Read(file).Replace("\\\"", "\"", StringComparison.Ordinal);
            var used = Selectors().Matches(text).SelectMany(m => LabelName().Matches(m.Groups[1].Value)).Select(m => m.Groups[1].Value)
                .Concat(Groupings().Matches(text).SelectMany(m => m.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries)));
            Assert.Empty(used.Except(labels, StringComparer.Ordinal));
        }
    }

    private static IEnumerable<string> SampleNames(MetricDescription m) => m.Kind == MetricKind.Histogram
        ? [m.PrometheusName + "_bucket", m.PrometheusName + "_sum", m.PrometheusName + "_count"]
        : [m.PrometheusName];

    [GeneratedRegex(@"\bcontent_trust_\w+", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex(@"content_trust_\w+\{([^}]*)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Selectors();

    [GeneratedRegex(@"(\w+)(?:=~|!=|!~|=)", RegexOptions.CultureInvariant)]
    private static partial Regex LabelName();

    [GeneratedRegex(@"\b(?:by|on) \(([\w, ]+)\)", RegexOptions.CultureInvariant)]
    private static partial Regex Groupings();
}
