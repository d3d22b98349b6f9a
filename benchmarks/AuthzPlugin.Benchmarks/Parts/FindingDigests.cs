using System.Collections.Frozen;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Trust.References;
using BenchmarkDotNet.Attributes;

namespace AuthzPlugin.Benchmarks.Parts;

/// <summary>The tags of one of 75 000 digests, the index being there. The floor is a hit in a frozen dictionary of them.</summary>
public class FindingDigests
{
    private const string Wanted = "tag-37500";

    // Made once: BenchmarkDotNet makes an instance for each method of each turn.
    private static readonly SignedTags Tags = new(SignedFiles.Many.Verify());
    private static readonly FrozenDictionary<Digest, string> Frozen = Enumerable.Range(1, SignedFiles.ManyTags - 1).Select(i => $"tag-{i}")
        .ToFrozenDictionary(tag => Tags.FindTag(tag)!.Digest);
    private static readonly Digest WantedDigest = Tags.FindTag(Wanted)!.Digest;

    [Benchmark(Baseline = true)]
    public object Floor() => Frozen[WantedDigest];

    [Benchmark]
    public object Product() => Tags.FindDigest(WantedDigest)[0];
}
