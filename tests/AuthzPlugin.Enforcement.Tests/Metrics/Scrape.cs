using System.Globalization;
using AuthzPlugin.Enforcement.Metrics;

namespace AuthzPlugin.Enforcement.Tests.Metrics;

/// <summary>What a scrape shows, by sample (<c>name{labels}</c>).</summary>
internal sealed class Scrape
{
    public Scrape(string text)
    {
        Text = text;
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                Families.Add(line.Split(' ')[2]);
            }
            else if (line[0] != '#')
            {
                var cut = line.LastIndexOf(' ');
                Samples.Add(line[..cut], double.Parse(line[(cut + 1)..], CultureInfo.InvariantCulture));
            }
        }
    }

    public string Text { get; }

    public List<string> Families { get; } = [];

    public Dictionary<string, double> Samples { get; } = new(StringComparer.Ordinal);

    public static Scrape Of(MetricStore store) => new(store.ToPrometheusText());

    public double? this[string sample] => Samples.TryGetValue(sample, out var value) ? value : null;

    /// <summary>Samples of one metric.</summary>
    public IEnumerable<string> Of(string metric) => Samples.Keys.Where(s => s.Split('{')[0] == metric).Order(StringComparer.Ordinal);
}
