using System.Globalization;
using System.Text;

namespace AuthzPlugin.Benchmarks.Charts;

/// <summary>One line of a chart.</summary>
/// <param name="Points">In the order of x.</param>
internal sealed record Series(string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>A chart with axes from the smallest to the largest value.</summary>
/// <param name="Title">Says what y is and of what it depends.</param>
/// <param name="LogarithmicX">For x over several powers of ten.</param>
internal sealed record Chart(string Title, string X, string Y, IReadOnlyList<Series> Series, bool LogarithmicX = false);

/// <summary>Draws charts below each other into one SVG, in colours that are seen on light and dark pages.</summary>
internal static class ChartWriter
{
    private const int Width = 720, Height = 220, Left = 90, Right = 20, Top = 34, Bottom = 44;
    private const int Ticks = 4;

    private static readonly string[] Colours = ["#3b82f6", "#e07b39", "#2a9d6f", "#b45fc4", "#888888"];

    public static string Write(params IReadOnlyList<Chart> charts)
    {
        var svg = new StringBuilder();
        svg.Append(Invariant($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{Height * charts.Count}\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#777\">\n"));
        for (var i = 0; i < charts.Count; i++)
        {
            svg.Append(Invariant($"<g transform=\"translate(0,{Height * i})\">\n"));
            Draw(svg, charts[i]);
            svg.Append("</g>\n");
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static void Draw(StringBuilder svg, Chart chart)
    {
        var points = chart.Series.SelectMany(s => s.Points).ToArray();
        double Scaled(double x) => chart.LogarithmicX ? Math.Log10(x) : x;
        var (minX, maxX) = (points.Min(p => Scaled(p.X)), points.Max(p => Scaled(p.X)));
        var maxY = Math.Max(points.Max(p => p.Y), double.Epsilon);
        double PlaceX(double x) => Left + ((Scaled(x) - minX) / Math.Max(maxX - minX, double.Epsilon) * (Width - Left - Right));
        double PlaceY(double y) => Height - Bottom - (y / maxY * (Height - Top - Bottom));
        svg.Append(Invariant($"<text x=\"{Left}\" y=\"18\" font-weight=\"bold\">{Escape(chart.Title)}</text>\n"));
        for (var tick = 0; tick <= Ticks; tick++)
        {
            var y = maxY * tick / Ticks;
            svg.Append(Invariant($"<path d=\"M{Left} {PlaceY(y):0.#}H{Width - Right}\" stroke=\"#8884\"/><text x=\"{Left - 6}\" y=\"{PlaceY(y) + 4:0.#}\" text-anchor=\"end\">{Short(y)}</text>\n"));
        }

        foreach (var x in chart.LogarithmicX ? points.Select(p => p.X).Distinct() : Enumerable.Range(0, Ticks + 1).Select(i => minX + ((maxX - minX) * i / Ticks)))
        {
            svg.Append(Invariant($"<text x=\"{PlaceX(x):0.#}\" y=\"{Height - Bottom + 16}\" text-anchor=\"middle\">{Short(x)}</text>\n"));
        }

        svg.Append(Invariant($"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 10}\" text-anchor=\"middle\">{Escape(chart.X)}</text>\n"));
        svg.Append(Invariant($"<text x=\"14\" y=\"{(Top + Height - Bottom) / 2}\" text-anchor=\"middle\" transform=\"rotate(-90 14 {(Top + Height - Bottom) / 2})\">{Escape(chart.Y)}</text>\n"));
        for (var i = 0; i < chart.Series.Count; i++)
        {
            var (series, colour) = (chart.Series[i], Colours[i % Colours.Length]);
            svg.Append(Invariant($"<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\" points=\"{string.Join(' ', series.Points.Select(p => Invariant($"{PlaceX(p.X):0.#},{PlaceY(p.Y):0.#}")))}\"/>\n"));
            svg.Append(Invariant($"<text x=\"{Width - Right - ((chart.Series.Count - i) * 90)}\" y=\"18\" fill=\"{colour}\">{Escape(series.Name)}</text>\n"));
        }
    }

    private static string Short(double value) => value switch
    {
        >= 1_000_000 => Invariant($"{value / 1_000_000:0.#}M"),
        >= 10_000 => Invariant($"{value / 1000:0.#}k"),
        _ => Invariant($"{value:0.##}"),
    };

    private static string Escape(string text) => System.Security.SecurityElement.Escape(text);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
