using System.Text;
using AuthzPlugin.Trust.Json;

namespace AuthzPlugin.Trust.Tests.Json;

public sealed class StrictJsonTests
{
    public static TheoryData<string, byte[]> RefusedBytes => new()
    {
        { "byte order mark", [0xEF, 0xBB, 0xBF, (byte)'{', (byte)'}'] },
        { "invalid UTF-8 in a text", [(byte)'[', (byte)'"', 0xFF, (byte)'"', (byte)']'] },
        { "overlong UTF-8", [(byte)'[', (byte)'"', 0xC0, 0x80, (byte)'"', (byte)']'] },
        { "surrogate in UTF-8", [(byte)'[', (byte)'"', 0xED, 0xA0, 0x80, (byte)'"', (byte)']'] },
        { "raw control character", [(byte)'[', (byte)'"', 0x0A, (byte)'"', (byte)']'] },
        { "UTF-16", [.. Encoding.Unicode.GetBytes("{}")] },
        { "nothing", [] },
        { "cut off", [.. "{\"a\":"u8] },
        { "NUL after the end", [.. "{}\0"u8] },
    };

    [Theory]
    [MemberData(nameof(RefusedBytes))]
    public void Bytes_that_are_not_one_JSON_text_are_refused(string name, byte[] file)
    {
        Assert.NotEmpty(name);
        Assert.Throws<FormatException>(() => StrictJson.Parse(file, 32, 100));
    }

    [Theory]
    [InlineData("L114 nesting at the limit", 32, true)]
    [InlineData("L114 nesting beyond the limit", 33, false)]
    [InlineData("L114 nesting of a hundred thousand", 100_000, false)]
    public void Nesting_is_bounded(string name, int depth, bool accepted)
    {
        Assert.NotEmpty(name);
        var file = Encoding.ASCII.GetBytes(new string('[', depth) + new string(']', depth));
        if (accepted)
        {
            Assert.Equal(JsonKind.Array, StrictJson.Parse(file, 32, 100).Root.Kind);
        }
        else
        {
            Assert.Throws<FormatException>(() => StrictJson.Parse(file, 32, 1_000_000));
        }
    }

    [Fact]
    public void The_number_of_values_is_bounded()
    {
        var file = Encoding.ASCII.GetBytes($"[{string.Join(',', Enumerable.Repeat('1', 100))}]");

        Assert.Equal(JsonKind.Array, StrictJson.Parse(file, 32, 101).Root.Kind);
        Assert.Throws<FormatException>(() => StrictJson.Parse(file, 32, 100));
    }

    [Fact]
    public void Members_and_items_are_walked_in_file_order()
    {
        var root = StrictJson.Parse("""{"b":[1,[2],{"x":3}],"a":"t\u0065xt","n":null}"""u8.ToArray(), 32, 100).Root;
        var names = new List<string>();
        foreach (var (name, _) in root.Members())
        {
            names.Add(name.GetString());
        }

        var kinds = new List<JsonKind>();
        foreach (var item in root.Get("b").Items())
        {
            kinds.Add(item.Kind);
        }

        Assert.Equal(["b", "a", "n"], names);
        Assert.Equal([JsonKind.Number, JsonKind.Array, JsonKind.Object], kinds);
        Assert.Equal("text", root.Get("a").GetString());
        Assert.Null(root.FindNotNull("n"));
        Assert.Null(root.FindNotNull("missing"));
    }

    [Theory]
    [InlineData("A")]
    [InlineData("a ")]
    [InlineData("\u0130")]
    public void L112_names_are_compared_exactly(string name)
    {
        var root = StrictJson.Parse("""{"a":1,"i":2}"""u8.ToArray(), 32, 100).Root;

        Assert.Throws<FormatException>(() => root.Get(name));
    }

    [Fact]
    public void A_value_of_another_kind_is_refused()
    {
        var root = StrictJson.Parse("""{"text":"1","number":1,"list":[],"object":{}}"""u8.ToArray(), 32, 100).Root;

        Assert.Throws<FormatException>(() => root.Get("text").GetInt64());
        Assert.Throws<FormatException>(() => root.Get("number").GetString());
        Assert.Throws<FormatException>(() => root.Get("object").Items());
        Assert.Throws<FormatException>(() => root.Get("list").Members());
    }

    [Fact]
    public void Many_names_in_disorder_cost_little_more_than_in_order()
    {
        var names = Enumerable.Range(0, 50_000).Select(i => $"\"{(i * 7919) % 50_000:d6}\":0");
        var file = Encoding.ASCII.GetBytes($"{{{string.Join(',', names)}}}");

        var canonical = CanonicalJson.Of(StrictJson.Parse(file, 32, 200_000).Root);

        Assert.Equal(file.Length, canonical.Length);
        Assert.StartsWith("{\"000000\":0,\"000001\":0,", Encoding.ASCII.GetString(canonical.Span), StringComparison.Ordinal);
    }
}
