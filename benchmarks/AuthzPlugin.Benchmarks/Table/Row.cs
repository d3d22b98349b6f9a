using System.Globalization;

namespace AuthzPlugin.Benchmarks.Table;

/// <summary>What a target is about.</summary>
internal enum Compared
{
    /// <summary>The figure divided by its floor.</summary>
    Ratio,

    /// <summary>The figure less its floor.</summary>
    Difference,

    /// <summary>The figure itself.</summary>
    Figure,
}

/// <summary>A target of the project.</summary>
/// <param name="AtMost">False: at least.</param>
internal sealed record Target(Compared Of, double Limit, bool AtMost = true)
{
    public bool IsMet(double value) => AtMost ? value <= Limit : value >= Limit;
}

/// <summary>One line of the table.</summary>
/// <param name="What">In the words of the target.</param>
/// <param name="Ratio">Median of the ratios of neighbouring runs; null where there is no floor.</param>
/// <param name="Target">Null: the figure is only told.</param>
internal sealed record Row(string What, double Figure, double? Floor, double? Ratio, string Unit, Target? Target)
{
    private const string Unknown = "-";

    /// <summary>Null when there is no target.</summary>
    public bool? IsMet => Target?.IsMet(Target.Of switch
    {
        Compared.Ratio => Ratio ?? double.NaN,
        Compared.Difference => Figure - (Floor ?? double.NaN),
        _ => Figure,
    });

    /// <summary>The cells of the line, as text.</summary>
    public IReadOnlyList<string> Cells =>
    [
        What,
        Quantity(Figure),
        Floor is { } floor ? Quantity(floor) : Unknown,
        Ratio is { } ratio ? Text(ratio, "0.000") : Unknown,
        Target is null ? Unknown : Wanted(Target),
        IsMet switch { true => "met", false => "missed", null => Unknown },
    ];

    private string Wanted(Target target) => (target.AtMost ? "≤ " : "≥ ") + target.Of switch
    {
        Compared.Ratio => Text(target.Limit, "0.##") + " × floor",
        Compared.Difference => "floor + " + Quantity(target.Limit),
        _ => Quantity(target.Limit),
    };

    private string Quantity(double value) => Text(value, Math.Abs(value) >= 100 || value == Math.Round(value) ? "#,0" : "0.0##") + (Unit.Length > 0 ? " " + Unit : "");

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
