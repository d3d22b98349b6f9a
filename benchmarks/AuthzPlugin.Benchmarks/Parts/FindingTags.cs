using System.Collections.Frozen;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Trust.References;
using BenchmarkDotNet.Attributes;

namespace AuthzPlugin.Benchmarks.Parts;

/// <summary>A tag of 75 000, by name, as a decision asks. The floor is a hit in a frozen dictionary of them.</summary>
public class FindingTags
{
    private const string Wanted = "tag-37500";

    // Made once: BenchmarkDotNet makes an instance for each method of each turn.
    private static readonly SignedTags Tags = new(SignedFiles.Many.Verify());

    // The dictionary's digests are found elsewhere: that many look-ups would fill what is kept of answers.
    private static readonly SignedTags Others = new(SignedFiles.Many.Verify());
    private static readonly FrozenDictionary<string, Digest> Frozen = Enumerable.Range(1, SignedFiles.ManyTags - 1).Select(i => $"tag-{i}")
        .ToFrozenDictionary(tag => tag, tag => Others.FindTag(tag)!.Digest, StringComparer.Ordinal);

    [Benchmark(Baseline = true)]
    public object Floor() => Frozen[Wanted];

    [Benchmark]
    public object Product() => Tags.FindTag(Wanted)!;
}
