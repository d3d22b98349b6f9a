using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using AuthzPlugin.Trust.Pinning;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Testing.Metadata;

/// <summary>The files of one publication, by role name; <c>root</c> is the newest.</summary>
/// <param name="Roots">Every root published so far, by version.</param>
public sealed record PublishedMetadata(IReadOnlyDictionary<string, byte[]> Files, IReadOnlyDictionary<long, byte[]> Roots)
{
    public byte[] this[string role] => Files[role];
}

/// <summary>
/// A signed repository in memory: its keys, roles and tags as a publisher sees them. Publishing signs everything afresh;
/// versions move only when a test moves them.
/// </summary>
public sealed class TestRepository
{
    private readonly SortedDictionary<long, byte[]> _roots = [];
    private List<TestKey> _previousRootKeys = [];

    public TestRepository(string name = "registry.example.com/team/app", DateTimeOffset? now = null)
    {
        if (!ImageReferenceParser.TryParseNamed(name, out var reference, out var problem))
        {
            throw new ArgumentException(problem, nameof(name));
        }

        Repository = reference.Repository;
        Now = now ?? new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
        Root = new TestRole("root", Now.AddYears(8), TestKey.Certificate(Repository.Name));
        Targets = new TestTargets("targets", Now.AddYears(3), TestKey.Ecdsa());
        Snapshot = new TestRole("snapshot", Now.AddYears(3), TestKey.Ecdsa());
        Timestamp = new TestRole("timestamp", Now.AddDays(14), TestKey.Ecdsa());
    }

    public RepositoryName Repository { get; }

    /// <summary>The present of this repository; roles expire relative to it.</summary>
    public DateTimeOffset Now { get; }

    public TestRole Root { get; }

    public TestTargets Targets { get; }

    public TestRole Snapshot { get; }

    public TestRole Timestamp { get; }

    /// <summary>Damages the snapshot's <c>meta</c> after it was filled.</summary>
    public Action<JsonObject>? ChangeSnapshotMeta { get; set; }

    /// <summary>A pin of the present root keys by canonical id.</summary>
    public RootPin Pin() => PinOf(PinKind.RootKeys, [.. Root.Keys.Select(k => k.CanonicalId)]);

    public RootPin PinOf(PinKind kind, params string[] ids) =>
        new(Repository.Name, kind, ids.ToFrozenSet(StringComparer.Ordinal));

    /// <summary>Adds a delegation with its own new key, below <c>targets</c> or below <paramref name="parent"/>.</summary>
    public TestTargets Delegate(string name, TestTargets? parent = null)
    {
        var role = new TestTargets(name, Now.AddYears(3), TestKey.Ecdsa());
        (parent ?? Targets).Delegations.Add(role);
        return role;
    }

    /// <summary>Publishes the root under its version and keeps it; the next one is signed by these keys too.</summary>
    public byte[] PublishRoot()
    {
        var signers = Root.SignWith ?? [.. Root.Keys.Concat(_previousRootKeys).DistinctBy(k => k.Id)];
        var signed = RootPart();
        Root.Change?.Invoke(signed);
        var file = MetadataWriter.Sign(signed, signers);
        file = Root.Corrupt?.Invoke(file) ?? file;
        _roots[Root.Version] = file;
        _previousRootKeys = [.. Root.Keys];
        return file;
    }

    /// <summary>The next version of the root with other root keys; null keeps them.</summary>
    public byte[] RotateRoot(params IEnumerable<TestKey>? newKeys)
    {
        if (_roots.Count == 0)
        {
            PublishRoot();
        }

        Root.Keys = newKeys is null || !newKeys.Any() ? Root.Keys : [.. newKeys];
        Root.Version++;
        return PublishRoot();
    }

    /// <summary>Signs every role. The root is signed again only when its version has not been published.</summary>
    public PublishedMetadata Publish()
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["root"] = _roots.TryGetValue(Root.Version, out var root) ? root : PublishRoot(),
        };
        WriteTargets(Targets, files);
        var meta = new JsonObject();
        foreach (var (role, file) in files)
        {
            meta[role] = FileMeta(file);
        }

        ChangeSnapshotMeta?.Invoke(meta);
        files["snapshot"] = Snapshot.Write(Part("Snapshot", Snapshot, new() { ["meta"] = meta }));
        var timestampMeta = new JsonObject { ["snapshot"] = FileMeta(files["snapshot"]) };
        files["timestamp"] = Timestamp.Write(Part("Timestamp", Timestamp, new() { ["meta"] = timestampMeta }));
        return new PublishedMetadata(files, new Dictionary<long, byte[]>(_roots));
    }

    /// <summary>Length and hashes of a file as parents list them.</summary>
    public static JsonObject FileMeta(byte[] file) => new()
    {
        ["hashes"] = new JsonObject
        {
            ["sha256"] = Convert.ToBase64String(SHA256.HashData(file)),
            ["sha512"] = Convert.ToBase64String(SHA512.HashData(file)),
        },
        ["length"] = file.Length,
    };

    private static void WriteTargets(TestTargets role, Dictionary<string, byte[]> files)
    {
        if (role.Listed)
        {
            files[role.Name] = role.Write(TargetsPart(role));
        }

        foreach (var child in role.Delegations)
        {
            WriteTargets(child, files);
        }
    }

    private static JsonObject TargetsPart(TestTargets role)
    {
        var targets = new JsonObject(role.Tags.Select(t => KeyValuePair.Create<string, JsonNode?>(t.Key, TargetMeta(t.Value))));
        var roles = role.Delegations.Select(d => (JsonNode)new JsonObject
        {
            ["keyids"] = new JsonArray([.. d.Keys.Select(k => (JsonNode)k.Id)]),
            ["name"] = d.Name,
            ["paths"] = new JsonArray([.. d.Paths.Select(p => (JsonNode)p)]),
            ["threshold"] = d.Threshold,
        });
        return Part("Targets", role, new()
        {
            ["delegations"] = new JsonObject
            {
                ["keys"] = KeysPart(role.Delegations.SelectMany(d => d.Keys)),
                ["roles"] = new JsonArray([.. roles]),
            },
            ["targets"] = targets,
        });
    }

    private static JsonObject TargetMeta(string hex) => new()
    {
        ["hashes"] = new JsonObject { ["sha256"] = Convert.ToBase64String(Convert.FromHexString(hex)) },
        ["length"] = 1234,
    };

    private static JsonObject Part(string type, TestRole role, JsonObject part)
    {
        part["_type"] = type;
        part["expires"] = role.Expires.ToString("yyyy-MM-ddTHH:mm:ss.fffffffzzz", CultureInfo.InvariantCulture);
        part["version"] = role.Version;
        return part;
    }

    private static JsonObject KeysPart(IEnumerable<TestKey> keys) =>
        new(keys.DistinctBy(k => k.Id).Select(k => KeyValuePair.Create<string, JsonNode?>(k.Id, new JsonObject
        {
            ["keytype"] = k.KeyType,
            ["keyval"] = new JsonObject { ["private"] = null, ["public"] = Convert.ToBase64String(k.PublicBytes) },
        })));

    private JsonObject RootPart()
    {
        TestRole[] roles = [Root, Targets, Snapshot, Timestamp];
        return Part("Root", Root, new()
        {
            ["consistent_snapshot"] = false,
            ["keys"] = KeysPart(roles.SelectMany(r => r.Keys)),
            ["roles"] = new JsonObject(roles.Select(r => KeyValuePair.Create<string, JsonNode?>(r.Name, new JsonObject
            {
                ["keyids"] = new JsonArray([.. r.Keys.Select(k => (JsonNode)k.Id)]),
                ["threshold"] = r.Threshold,
            }))),
        });
    }
}
