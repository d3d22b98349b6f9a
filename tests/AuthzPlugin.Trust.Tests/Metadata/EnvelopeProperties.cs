using System.Text;
using System.Text.Json.Nodes;
using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Json;
using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.Tests.Json;
using AuthzPlugin.Trust.Tests.Vectors;
using FsCheck;
using FsCheck.Fluent;

namespace AuthzPlugin.Trust.Tests.Metadata;

/// <summary>Whatever a server sends, the readers of metadata answer with a value or with their own error.</summary>
public sealed class EnvelopeProperties
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(2000);

    private static readonly string[] Members =
    [
        "signed", "signatures", "keyid", "method", "sig", "_type", "version", "expires", "meta", "targets", "delegations", "keys", "roles",
        "root", "snapshot", "timestamp", "hashes", "sha256", "length", "keyids", "threshold", "name", "paths", "keytype", "keyval", "public",
    ];

    private static Gen<JsonNode?> Leaf => Gen.OneOf(
        Gen.Elements("Root", "Targets", "Snapshot", "Timestamp", "2030-01-01T00:00:00Z", "", "AAAA", "ecdsa", "targets/releases", "é").Select(t => (JsonNode?)t),
        Gen.Choose(-2, 3).Select(n => (JsonNode?)n),
        Gen.Constant((JsonNode?)null));

    // Objects whose names are those that the readers look for, in places where they do not expect them.
    private static Gen<JsonNode?> Value(int depth) => depth == 0
        ? Leaf
        : Gen.Frequency(
            (2, Leaf),
            (1, Value(depth - 1).ArrayOf(2).Select(items => (JsonNode?)new JsonArray([.. items.Select(i => i?.DeepClone())]))),
            (3, Gen.Choose(0, 8).SelectMany(n => Object(depth, n))));

    private static Gen<JsonNode?> Object(int depth, int members) =>
        Gen.Elements(Members).Zip(Value(depth - 1), (name, value) => (name, value)).ArrayOf(members).Select(list => (JsonNode?)new JsonObject(
            list.DistinctBy(m => m.name).Select(m => KeyValuePair.Create(m.name, m.value?.DeepClone()))));

    [Fact]
    public void Envelopes_of_any_shape_are_read_or_refused() =>
        Prop.ForAll(Object(5, 6).ToArbitrary(), node => IsReadOrRefused(Encoding.UTF8.GetBytes(node!.ToJsonString()))).Check(Runs);

    [Fact]
    public void Any_bytes_are_read_or_refused() =>
        Prop.ForAll(ArbMap.Default.GeneratorFor<byte[]>().ToArbitrary(), IsReadOrRefused).Check(Runs);

    [Fact]
    public void The_canonical_form_of_the_canonical_form_is_itself() =>
        Prop.ForAll(JsonGenerator.Documents.ToArbitrary(), node =>
        {
            var first = Canonical(JsonLayouts.Spread(Encoding.UTF8.GetBytes(node.ToJsonString())));

            // With raw control characters it is no JSON any more: it is signed, not read.
            return first.Any(b => b < 0x20) || Canonical(first).AsSpan().SequenceEqual(first);
        }).Check(Runs);

    [Fact]
    public void What_a_publisher_signs_is_what_is_verified_in_any_layout() =>
        Prop.ForAll(JsonGenerator.Documents.ToArbitrary(), node =>
        {
            var file = MetadataWriter.Envelope(Encoding.UTF8.GetBytes(node.ToJsonString()), []);
            return MetadataFile.Parse(RoleName.Targets, JsonLayouts.Spread(file), MetadataLimits.Default).SignedBytes.Span
                .SequenceEqual(MetadataWriter.Canonical(node));
        }).Check(Runs);

    private static byte[] Canonical(byte[] json) => CanonicalJson.Of(StrictJson.Parse(json, 64, 100_000).Root).ToArray();

    private static bool IsReadOrRefused(byte[] bytes) => new[] { RoleName.Root, RoleName.Timestamp, RoleName.Snapshot, RoleName.Targets }.All(role =>
    {
        try
        {
            var file = MetadataFile.Parse(role, bytes, MetadataLimits.Default);
            _ = role.Text switch
            {
                "root" => (object)RootMetadata.Read(file, MetadataLimits.Default),
                "timestamp" => TimestampMetadata.Read(file),
                "snapshot" => SnapshotMetadata.Read(file, MetadataLimits.Default),
                _ => TargetsMetadata.Read(file, MetadataLimits.Default),
            };
            return true;
        }
        catch (RepositoryException e)
        {
            return e.Message.All(c => c is >= ' ' and <= '~');
        }
    });
}
