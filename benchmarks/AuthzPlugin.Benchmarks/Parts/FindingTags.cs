using System.Collections.Frozen;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Trust.References;
using BenchmarkDotNet.Attributes;

namespace AuthzPlugin.Benchmarks.Parts;

/// <summary>A tag of 75 000, by name, as a decision asks. The floor is a hit in a frozen dictionary of them.</summary>
public class FindingTags
{
    private const string Wanted = "tag-37500";

    private readonly SignedTags _tags = new(SignedFiles.Many.Verify());
    private readonly FrozenDictionary<string, Digest> _frozen;

    public FindingTags() =>
        _frozen = Enumerable.Range(1, SignedFiles.ManyTags - 1).Select(i => $"tag-{i}")
            .ToFrozenDictionary(tag => tag, tag => _tags.FindTag(tag)!.Digest, StringComparer.Ordinal);

    [Benchmark(Baseline = true)]
    public object Floor() => _frozen[Wanted];

    [Benchmark]
    public object Product() => _tags.FindTag(Wanted)!;
}
