using System.Collections.Frozen;
using System.Globalization;
using AuthzPlugin.Trust.Pinning;
using AuthzPlugin.Trust.References;
using BenchmarkDotNet.Attributes;

namespace AuthzPlugin.Benchmarks.Parts;

/// <summary>
/// One repository that a wildcard covers, in a policy of 10 000 pins, half of them wildcards: the longest way through the rules. The floor
/// is a hit in a frozen dictionary of as many names.
/// </summary>
public class MatchingPins
{
    private const int Pins = 10_000;

    private readonly RootPins _pins;
    private readonly FrozenDictionary<string, RootPin> _frozen;
    private readonly RepositoryName _wanted;
    private readonly string _pattern;

    public MatchingPins()
        : this(Pins)
    {
    }

    internal MatchingPins(int count)
    {
        var ids = new[] { new string('a', 64) }.ToFrozenSet(StringComparer.Ordinal);
        RootPin[] pins =
        [
            .. Enumerable.Range(0, count).Select(i => new RootPin(
                string.Create(CultureInfo.InvariantCulture, $"registry-{i % 100}.example.com/team-{i:00000}/{(i % 2 == 0 ? "*" : "app")}"), PinKind.RootKeys, ids)),
        ];
        _pins = new RootPins(pins);
        _frozen = pins.ToFrozenDictionary(p => p.Pattern, StringComparer.Ordinal);
        _pattern = pins[count / 4 * 2].Pattern;
        _wanted = Name(_pattern[..^1] + "app");
    }

    [Benchmark(Baseline = true)]
    public object Floor() => _frozen[_pattern];

    [Benchmark]
    public object Product() => _pins.Match(_wanted)!;

    private static RepositoryName Name(string text) => ImageReferenceParser.TryParseNamed(text, out var reference, out var problem)
        ? reference.Repository
        : throw new ArgumentException(problem, nameof(text));
}
