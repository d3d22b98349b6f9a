using System.Collections.Frozen;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Trust.References;
using BenchmarkDotNet.Attributes;

namespace AuthzPlugin.Benchmarks.Parts;

/// <summary>The tags of one of 75 000 digests, the index being there. The floor is a hit in a frozen dictionary of them.</summary>
public class FindingDigests
{
    private readonly SignedTags _tags = new(SignedFiles.Many.Verify());
    private readonly FrozenDictionary<Digest, string> _frozen;
    private readonly Digest _wanted;

    public FindingDigests()
    {
        _frozen = Enumerable.Range(1, SignedFiles.ManyTags - 1).Select(i => $"tag-{i}").ToFrozenDictionary(tag => _tags.FindTag(tag)!.Digest);
        _wanted = _tags.FindTag("tag-37500")!.Digest;
        _ = _tags.FindDigest(_wanted);
    }

    [Benchmark(Baseline = true)]
    public object Floor() => _frozen[_wanted];

    [Benchmark]
    public object Product() => _tags.FindDigest(_wanted)[0];
}
