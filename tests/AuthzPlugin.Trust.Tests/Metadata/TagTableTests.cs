using System.Globalization;
using System.Text;
using System.Text.Json;
using AuthzPlugin.Trust.Json;
using AuthzPlugin.Trust.Metadata;

namespace AuthzPlugin.Trust.Tests.Metadata;

/// <summary>The tags of a file as bytes: what a dictionary of texts would answer.</summary>
public sealed class TagTableTests
{
    private const int MaxTags = 1000;

    /// <summary>Among them: a name before and after another in UTF-16 and in UTF-8, U+FFFD, an empty one, one longer than any tag.</summary>
    private static readonly string[] Names =
        ["1", "10", "9", "a", "ä", "\uff5e", "\U0001f600", "\ufffd", "", "A", "a\"b\\c", "\u0001", "aa", new string('x', 400)];

    [Fact]
    public void Every_tag_is_found_with_its_hash_whatever_the_order_in_the_file()
    {
        foreach (var names in (string[][])[Names, [.. Names.Reverse()], [.. Names.Order(StringComparer.Ordinal)]])
        {
            var table = Read(names.Select(n => (n, (Sha256Hash?)HashOf(n))));

            Assert.Equal(names.Length, table.Count);
            Assert.All(names, n => Assert.Equal(HashOf(n), Find(table, n)));
            Assert.Equal(names.Order(StringComparer.Ordinal), Enumerable.Range(0, table.Count).Select(table.Tag).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Nothing_else_is_found()
    {
        var table = Read(Names.Select(n => (n, (Sha256Hash?)HashOf(n))));

        Assert.All(["0", "11", "b", "aaa", "\u00e5", "\U0001f601", "x"], n => Assert.False(table.TryFind(n, out _)));
        Assert.False(TagTable.Empty.TryFind("", out _));
        Assert.Empty(TagTable.Empty.Find(HashOf("1")));
    }

    [Fact]
    public void Half_of_a_surrogate_pair_is_not_the_replacement_character()
    {
        var table = Read([("\ufffd", HashOf("1")), ("a\ufffd", HashOf("2"))]);

        Assert.All(["\ud800", "\udc00", "a\ud83d"], tag => Assert.False(table.TryFind(tag, out _)));
    }

    [Fact]
    public void A_tag_without_a_hash_is_there_and_no_hash_finds_it()
    {
        var table = Read([("1", null), ("2", HashOf("2"))]);

        Assert.True(table.TryFind("1", out var hash));
        Assert.Null(hash);
        Assert.Empty(table.Find(default));
        Assert.Equal(["2"], table.Find(HashOf("2")));
    }

    [Fact]
    public void A_hash_of_zeros_is_a_hash()
    {
        var table = Read([("1", default(Sha256Hash)), ("2", null)]);

        Assert.Equal(["1"], table.Find(default));
    }

    [Fact]
    public void Hashes_that_share_their_last_bytes_are_told_apart()
    {
        var hashes = Enumerable.Range(0, 50).Select(i => new Sha256Hash([(byte)(i % 25), .. new byte[Sha256Hash.Size - 1]])).ToList();
        var table = Read(hashes.Select((h, i) => (i.ToString(CultureInfo.InvariantCulture), (Sha256Hash?)h)));

        Assert.Equal(["24", "49"], table.Find(hashes[24]).Order(StringComparer.Ordinal));
        Assert.Empty(table.Find(new Sha256Hash([25, .. new byte[Sha256Hash.Size - 1]])));
    }

    [Fact]
    public void As_many_tags_as_the_limit_allows_and_no_more()
    {
        var tags = Enumerable.Range(0, MaxTags + 1).Select(i => ($"{i}", (Sha256Hash?)HashOf("1"))).ToList();

        Assert.Equal(MaxTags, Read(tags.Take(MaxTags)).Count);
        var refusal = Assert.Throws<FormatException>(() => Read(tags));
        Assert.Contains($"more than {MaxTags} tags", refusal.Message, StringComparison.Ordinal);
    }

    private static TagTable Read(IEnumerable<(string Tag, Sha256Hash? Hash)> tags)
    {
        var members = tags.Select(t => $$"""{{JsonSerializer.Serialize(t.Tag)}}:{"hashes":{{{(t.Hash is { } h ? Hash(h) : "")}}},"length":1}""");
        var file = Encoding.UTF8.GetBytes($"{{{string.Join(',', members)}}}");
        return TagTable.Read(StrictJson.Parse(file, maxDepth: 8, maxTokens: 100_000).Root, MaxTags);
    }

    private static string Hash(Sha256Hash hash) => $"\"sha256\":\"{Convert.ToBase64String(Convert.FromHexString(hash.ToString()))}\"";

    private static Sha256Hash HashOf(string text) => Sha256Hash.Of(Encoding.UTF8.GetBytes(text));

    private static Sha256Hash? Find(TagTable table, string tag)
    {
        Assert.True(table.TryFind(tag, out var hash), tag);
        return hash;
    }
}
