using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Trust.Json;
using AuthzPlugin.Trust.Tests.Vectors;
using FsCheck.Fluent;

namespace AuthzPlugin.Trust.Tests.Json;

/// <summary>Vectors of vectors/canonical-json/vectors.txt, and what holds for every document.</summary>
public sealed partial class CanonicalJsonTests
{
    public static TheoryData<string, string, string> Vectors
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (var line in File.ReadLines(VectorFiles.PathOf("canonical-json/vectors.txt")).Where(l => !l.StartsWith('#')))
            {
                var parts = line.Split('\t');
                data.Add(parts[0], parts[1], parts[2]);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Vectors_have_the_canonical_form_that_Notary_gives_them(string name, string input, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(input);
        if (expected == "refused")
        {
            Assert.Throws<FormatException>(() => Parse(bytes));
        }
        else
        {
            Assert.True(Bytes(expected).AsSpan().SequenceEqual(Canonical(bytes)), name);
        }
    }

    [Fact]
    public void Any_document_has_one_canonical_form_whatever_its_layout() =>
        FsCheck.Check.QuickThrowOnFailure(Prop.ForAll(Arb.From(JsonGenerator.Documents), node =>
        {
            var expected = MetadataWriter.Canonical(node);
            var spread = JsonLayouts.Spread(Encoding.UTF8.GetBytes(node.ToJsonString()));
            return Canonical(spread).AsSpan().SequenceEqual(expected);
        }));

    [Fact]
    public void A_canonical_document_is_taken_as_it_is() =>
        FsCheck.Check.QuickThrowOnFailure(Prop.ForAll(Arb.From(JsonGenerator.Documents), node =>
        {
            // Canonical text with control characters is not JSON, so those documents only have this form on paper.
            var canonical = MetadataWriter.Canonical(node);
            return canonical.Any(b => b < 0x20) || Canonical(canonical).AsSpan().SequenceEqual(canonical);
        }));

    [Fact]
    public void Canonical_bytes_are_not_copied()
    {
        byte[] file = [.. """{"a":[1,{"b":"c"}],"d":{}}"""u8];

        var canonical = CanonicalJson.Of(Parse(file).Root);

        Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(canonical, out var segment));
        Assert.Same(file, segment.Array);
    }

    [Theory]
    [InlineData("""{"a":1 }""")]
    [InlineData("""{"a": 1}""")]
    [InlineData("""{"a":1,"b":[1, 2]}""")]
    [InlineData("{\"a\":{},\n\"b\":[]}")]
    public void White_space_inside_is_found_however_little(string json)
    {
        var expected = json.Replace(" ", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);

        Assert.Equal(expected, Encoding.UTF8.GetString(Canonical(Encoding.UTF8.GetBytes(json))));
    }

    private static StrictJson Parse(byte[] json) => StrictJson.Parse(json, 32, 10_000);

    private static byte[] Canonical(byte[] json) => CanonicalJson.Of(Parse(json).Root).ToArray();

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(
        HexByte().Replace(text, m => ((char)byte.Parse(m.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString()));

    [GeneratedRegex("<([0-9A-F]{2})>")]
    private static partial Regex HexByte();
}
