using System.Text.Json.Nodes;
using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.Tests.Verification;
using AuthzPlugin.Trust.Verification;

namespace AuthzPlugin.Trust.Tests.Mutations;

/// <summary>
/// Verifies a repository of which one file was changed. What the Notary server itself signs (timestamp and snapshot) is signed anew with
/// the hash of the changed file, so that signatures, not hashes, have to find the change. A set in which a file failed is used again:
/// it must be as it was.
/// </summary>
internal sealed class MutationTrial(MutatedRepository repository, string kind)
{
    private TrustedMetadataSet? _set;

    /// <summary>The result in words.</summary>
    /// <exception cref="AuthzPlugin.Trust.Errors.RepositoryException">The change was found.</exception>
    internal string Run(byte[] mutated)
    {
        var set = _set ?? Prepare(mutated);
        _set = kind is "root" or "2.root" or "timestamp" ? set : null;
        Load(set, mutated);
        _set = null;
        return MutatedRepository.InWords(Finish(set, mutated));
    }

    /// <summary>A set with everything above the changed file.</summary>
    private TrustedMetadataSet Prepare(byte[] mutated)
    {
        var set = repository.NewSet();
        if (kind == "root")
        {
            return set;
        }

        if (kind == "2.root")
        {
            set.LoadRoot(repository.FirstRoot);
            return set;
        }

        set.LoadRoot(repository.File("root"));
        set.CompleteRoot();
        if (kind == "timestamp")
        {
            return set;
        }

        LoadServerFiles(set, mutated);
        if (kind == "targets/releases")
        {
            set.LoadTargets(repository.File("targets"));
        }

        return set;
    }

    private void Load(TrustedMetadataSet set, byte[] mutated)
    {
        switch (kind)
        {
            case "root":
                set.LoadRoot(mutated);
                break;
            case "2.root":
                set.LoadNextRoot(mutated, 2);
                break;
            case "timestamp":
                set.LoadTimestamp(mutated);
                break;
            case "snapshot":
                set.LoadSnapshot(mutated);
                break;
            case "targets":
                set.LoadTargets(mutated);
                break;
            default:
                set.LoadDelegation(RoleName.Releases, mutated);
                break;
        }
    }

    private VerifiedRepository Finish(TrustedMetadataSet set, byte[] mutated)
    {
        if (kind == "root")
        {
            set.LoadNextRoot(repository.File("root"), 2);
        }

        if (kind is "root" or "2.root")
        {
            set.CompleteRoot();
            LoadServerFiles(set, mutated);
        }

        if (kind == "timestamp")
        {
            set.LoadSnapshot(repository.File("snapshot"));
        }

        if (kind is not ("targets" or "targets/releases"))
        {
            set.LoadTargets(repository.File("targets"));
        }

        if (kind != "targets/releases")
        {
            set.LoadDelegation(RoleName.Releases, repository.File("targets/releases"));
        }

        return set.Complete();
    }

    private void LoadServerFiles(TrustedMetadataSet set, byte[] mutated)
    {
        var snapshot = kind switch
        {
            "snapshot" => mutated,
            "root" => repository.File("snapshot"),
            "2.root" => repository.SnapshotWith("root", mutated),
            _ => repository.SnapshotWith(kind, mutated),
        };
        set.LoadTimestamp(repository.TimestampFor(snapshot));
        if (kind != "snapshot")
        {
            set.LoadSnapshot(snapshot);
        }
    }
}

/// <summary>What the trials share: a published repository with two roots, and the server's own keys.</summary>
internal sealed class MutatedRepository
{
    private readonly TestRepository _repository = new();
    private readonly PublishedMetadata _files;
    private readonly JsonObject _snapshot;
    private readonly JsonObject _timestamp;
    private readonly Lock _gate = new();

    internal MutatedRepository()
    {
        // A signature of a key that nobody asked for: changes in it change nothing.
        _repository.PublishRoot();
        _repository.RotateRoot(null);
        _repository.Targets.Tags["1"] = new string('1', 64);
        _repository.Targets.Tags["é\"\\"] = new string('2', 64);
        _repository.Targets.SignWith = [.. _repository.Targets.Keys, TestKey.Ecdsa()];
        var releases = _repository.Delegate("targets/releases");
        releases.Tags["2"] = new string('3', 64);
        _files = _repository.Publish();
        _snapshot = Signed("snapshot");
        _timestamp = Signed("timestamp");
    }

    internal byte[] FirstRoot => _files.Roots[1];

    internal byte[] File(string role) => _files[role];

    internal byte[] Original(string kind) => kind switch
    {
        "root" => FirstRoot,
        "2.root" => File("root"),
        _ => File(kind),
    };

    internal TrustedMetadataSet NewSet() => _repository.NewSet();

    internal byte[] SnapshotWith(string role, byte[] file)
    {
        var snapshot = _snapshot.DeepClone();
        snapshot["meta"]![role] = TestRepository.FileMeta(file);
        return Sign(snapshot, _repository.Snapshot);
    }

    internal byte[] TimestampFor(byte[] snapshot)
    {
        var timestamp = _timestamp.DeepClone();
        timestamp["meta"]!["snapshot"] = TestRepository.FileMeta(snapshot);
        return Sign(timestamp, _repository.Timestamp);
    }

    /// <summary>Everything that an answer depends on.</summary>
    internal static string InWords(VerifiedRepository v) => string.Join('\n',
    [
        v.Repository.Name,
        string.Join(' ', v.RootKeyIds),
        string.Join(' ', v.RootCertificateIds),
        string.Join(' ', v.Versions.OrderBy(r => r.Key.Text, StringComparer.Ordinal).Select(r => $"{r.Key}={r.Value}")),
        v.EarliestExpiry.ToString("O"),
        $"{v.TagCount} tags",
        .. new[] { "1", "é\"\\", "2" }.Select(t => $"{t}: {v.FindTag(t)}"),
        string.Join(' ', v.ExpiredRoles),
        string.Join(' ', v.DroppedDelegations),
        string.Join(' ', v.RotatedRoles),
    ]);

    private byte[] Sign(JsonNode signed, TestRole role)
    {
        lock (_gate)
        {
            return MetadataWriter.Sign(signed, role.Keys);
        }
    }

    private JsonObject Signed(string role) => JsonNode.Parse(File(role))!["signed"]!.AsObject();
}
