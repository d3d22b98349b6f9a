namespace AuthzPlugin.Benchmarks.Load;

/// <summary>Two things measured by turns.</summary>
/// <param name="Figure">Median of the product.</param>
/// <param name="Floor">Median of its floor.</param>
/// <param name="Ratio">Median of the ratios of neighbours: what slows the machine down for a while slows both of them down.</param>
internal sealed record Pair(double Figure, double Floor, double Ratio);

/// <summary>
/// The rule of every row: product and floor are measured in the same minute, by turns, and the order changes with each turn. The first turn
/// only warms up and does not count.
/// </summary>
internal static class Alternating
{
    public static Pair Measure(int runs, Func<double> product, Func<double> floor)
    {
        var figures = new List<double>();
        var floors = new List<double>();
        for (var run = -1; run < runs; run++)
        {
            double first, second;
            if (run % 2 == 0)
            {
                first = product();
                second = floor();
            }
            else
            {
                second = floor();
                first = product();
            }

            if (run >= 0)
            {
                figures.Add(first);
                floors.Add(second);
            }
        }

        return Of(figures, floors);
    }

    public static Pair Of(IReadOnlyList<double> figures, IReadOnlyList<double> floors) =>
        new(Median(figures), Median(floors), Median(figures.Zip(floors, (figure, floor) => figure / floor)));

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
