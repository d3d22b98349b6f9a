using AuthzPlugin.Benchmarks.World;
using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.Pinning;
using AuthzPlugin.Trust.References;
using AuthzPlugin.Trust.Verification;

namespace AuthzPlugin.Benchmarks.Parts;

/// <summary>The files of one repository without delegations, and their verification from the first byte to the result.</summary>
internal sealed class SignedFiles
{
    /// <summary>How many tags the largest repositories have that Notary's issues tell of.</summary>
    public const int ManyTags = 75_000;

    private static readonly Lazy<SignedFiles> ManyOnce = new(() => Make(new Publisher().Repository(Names.App, ManyTags)));

    private readonly TestRepository _repository;
    private readonly PublishedMetadata _published;
    private readonly RepositoryName _name;
    private readonly RootPin _pin;

    private SignedFiles(TestRepository repository)
    {
        _repository = repository;
        _published = repository.Publish();
        _name = repository.Repository;
        _pin = repository.Pin();
    }

    /// <summary>A repository of <see cref="ManyTags"/>; signing it takes seconds, so it is done once.</summary>
    public static SignedFiles Many => ManyOnce.Value;

    public byte[] this[RoleName role] => _published[role.Text];

    public static SignedFiles Make(TestRepository repository) => new(repository);

    /// <summary>The key that signs the role's file, as SubjectPublicKeyInfo.</summary>
    public byte[] PublicKey(RoleName role) =>
        role == RoleName.Root ? ((CertificateTestKey)_repository.Root.Keys[0]).PrivateKey.ExportSubjectPublicKeyInfo()
        : role == RoleName.Timestamp ? _repository.Timestamp.Keys[0].PublicBytes
        : role == RoleName.Snapshot ? _repository.Snapshot.Keys[0].PublicBytes
        : _repository.Targets.Keys[0].PublicBytes;

    /// <summary>Every rule, as an update does it.</summary>
    public VerifiedRepository Verify()
    {
        var set = new TrustedMetadataSet(_name, _pin, _repository.Now, MetadataLimits.Default, VersionFloors.None, allowExpired: false);
        set.LoadRoot(this[RoleName.Root]);
        set.CompleteRoot();
        set.LoadTimestamp(this[RoleName.Timestamp]);
        set.LoadSnapshot(this[RoleName.Snapshot]);
        set.LoadTargets(this[RoleName.Targets]);
        return set.Complete();
    }
}
