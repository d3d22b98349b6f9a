using System.Security.Cryptography;
using AuthzPlugin.Benchmarks.World;
using AuthzPlugin.Trust.Metadata;
using BenchmarkDotNet.Attributes;

namespace AuthzPlugin.Benchmarks.Parts;

/// <summary>
/// A repository of root, timestamp, snapshot and targets in memory. The floor is what nobody gets around: each file's key read from its
/// bytes, and its one signature checked over its signed bytes.
/// </summary>
public class VerifyingFourFiles
{
    private readonly SignedFiles _files = SignedFiles.Make(new Publisher().Repository(Names.App));
    private readonly List<(byte[] Key, byte[] Signed, byte[] Signature)> _signatures = [];

    public VerifyingFourFiles()
    {
        foreach (var role in (RoleName[])[RoleName.Root, RoleName.Timestamp, RoleName.Snapshot, RoleName.Targets])
        {
            var file = MetadataFile.Parse(role, _files[role], MetadataLimits.Default);
            _signatures.Add((_files.PublicKey(role), file.SignedBytes.ToArray(), file.Signatures[0].Value));
        }
    }

    [Benchmark(Baseline = true)]
    public bool Floor()
    {
        var good = true;
        foreach (var (bytes, signed, signature) in _signatures)
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(bytes, out _);
            good &= key.VerifyData(signed, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }

        return good ? good : throw new InvalidOperationException("a good signature was found bad");
    }

    [Benchmark]
    public object Product() => _files.Verify();
}
