using System.Globalization;

namespace AuthzPlugin.Benchmarks.Table;

/// <summary>The table as Markdown, so that what is printed can be put into docs/performance.md as it is.</summary>
internal static class TablePrinter
{
    private static readonly string[] Headings = ["what", "figure", "floor", "ratio", "target", ""];

    public static void Print(IReadOnlyList<Row> rows, TextWriter output)
    {
        var lines = rows.Select(r => r.Cells).Prepend(Headings).ToArray();
        var widths = Enumerable.Range(0, Headings.Length).Select(column => lines.Max(l => l[column].Length)).ToArray();
        Write(output, lines[0], widths);
        Write(output, [.. widths.Select(w => new string('-', w))], widths);
        foreach (var line in lines[1..])
        {
            Write(output, line, widths);
        }

        var judged = rows.Where(r => r.Target is not null).ToArray();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{judged.Count(r => r.IsMet == true)} of {judged.Length} targets met"));
    }

    private static void Write(TextWriter output, IReadOnlyList<string> cells, int[] widths) =>
        output.WriteLine("| " + string.Join(" | ", cells.Select((cell, i) => i == 0 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))) + " |");
}
