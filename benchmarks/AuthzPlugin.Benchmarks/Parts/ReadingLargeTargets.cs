using System.Security.Cryptography;
using System.Text.Json;
using AuthzPlugin.Benchmarks.World;
using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.References;
using BenchmarkDotNet.Attributes;

namespace AuthzPlugin.Benchmarks.Parts;

/// <summary>
/// targets.json with 75 000 tags, cold: the repository is verified from its files, a tag is found, and the tags of a digest, whose index
/// that builds. The floor hashes the file and reads its tokens once.
/// </summary>
public class ReadingLargeTargets
{
    private readonly SignedFiles _files;
    private readonly byte[] _targets;
    private readonly Digest _digest;

    public ReadingLargeTargets()
        : this(SignedFiles.Many)
    {
    }

    internal ReadingLargeTargets(SignedFiles files)
    {
        _files = files;
        _targets = _files[RoleName.Targets];
        _digest = _files.Verify().FindTag(Names.Tag)!.Digest;
    }

    [Benchmark(Baseline = true)]
    public int Floor()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_targets, hash);
        var reader = new Utf8JsonReader(_targets);
        var tokens = 0;
        while (reader.Read())
        {
            tokens++;
        }

        return tokens + hash[0];
    }

    [Benchmark]
    public object Product()
    {
        var verified = _files.Verify();
        return (verified.FindTag(Names.Tag), verified.FindDigest(_digest).Count);
    }
}
