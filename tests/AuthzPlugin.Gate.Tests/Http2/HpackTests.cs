using System.Text;
using AuthzPlugin.Gate.Http2;
using AuthzPlugin.Gate.Proxy;

namespace AuthzPlugin.Gate.Tests.Http2;

/// <summary>Header blocks: the examples of RFC 7541, and what no honest peer sends.</summary>
public sealed class HpackTests
{
    private const string Custom = "400a637573746f6d2d6b65790d637573746f6d2d686561646572";

    // Appendix C.4: three requests on one connection, Huffman coded; each refers to what the ones before taught.
    [Fact]
    public void Requests_of_the_RFC()
    {
        var decoder = new HpackDecoder();
        Assert.Equal(
            ":method=GET;:scheme=http;:path=/;:authority=www.example.com",
            Show(decoder, "828684418cf1e3c2e5f23a6ba0ab90f4ff"));
        Assert.Equal(
            ":method=GET;:scheme=http;:path=/;:authority=www.example.com;cache-control=no-cache",
            Show(decoder, "828684be5886a8eb10649cbf"));
        Assert.Equal(
            ":method=GET;:scheme=https;:path=/index.html;:authority=www.example.com;custom-key=custom-value",
            Show(decoder, "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf"));
    }

    // Appendix C.6 with its table of 256 bytes, which the blocks are preceded by: entries fall out.
    [Fact]
    public void Responses_of_the_RFC_with_eviction()
    {
        var decoder = new HpackDecoder();
        const string First = ":status=302;cache-control=private;date=Mon, 21 Oct 2013 20:13:21 GMT;location=https://www.example.com";
        Assert.Equal(
            First,
            Show(decoder, "3fe101488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3"));
        Assert.Equal(First.Replace("302", "307", StringComparison.Ordinal), Show(decoder, "4883640effc1c0bf"));
        Assert.EndsWith("max-age=3600; version=1", Show(
            decoder,
            "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_written_is_read_and_repeated_fields_stay_apart()
    {
        HeaderField[] fields =
        [
            new(":path", "/a"), new("exclude-patterns", "*.o"), new("exclude-patterns", "b, c"), new("long", new string('x', 70_000)),
            new("bytes", Encoding.Latin1.GetString([.. Enumerable.Range(0, 256).Select(i => (byte)i)])),
        ];

        Assert.Equal(fields, new HpackDecoder().Decode(HpackEncoder.Encode(fields)));
    }

    public static TheoryData<string, string> Broken => new()
    {
        { "field zero", "80" },
        { "a field beyond the table", "be" },
        { "a number without end", "ffffffffffff7f" },
        { "text that ends early", "400a6375" },
        { "a table larger than agreed", "3fe21f" },
        { "a table size after a field", "8220" },
        { "padding that is no end symbol", "00816000" },
        { "a whole byte of padding", "000183" + "ffffff" },
        { "nothing after the name", "400a637573746f6d2d6b6579" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void Broken_blocks_end_the_connection(string name, string block)
    {
        var error = Assert.Throws<Http2Exception>(() => new HpackDecoder().Decode(Convert.FromHexString(block)));
        Assert.True(error.Code == Http2ErrorCode.CompressionError, name);
    }

    [Fact]
    public void A_small_block_cannot_stand_for_a_large_list()
    {
        var decoder = new HpackDecoder();
        var name = new HeaderField("n", new string('v', 3000));
        byte[] learn = [0x40, .. HpackEncoder.Encode([name]).AsSpan(1)];
        decoder.Decode(learn);
        var error = Assert.Throws<Http2Exception>(() => decoder.Decode([.. Enumerable.Repeat((byte)0xbe, 1000)]));
        Assert.Equal(Http2ErrorCode.EnhanceYourCalm, error.Code);
    }

    [Fact]
    public void The_table_forgets_what_does_not_fit()
    {
        var decoder = new HpackDecoder();
        decoder.Decode(Convert.FromHexString(Custom));
        decoder.Decode(Convert.FromHexString("20"));
        Assert.Throws<Http2Exception>(() => decoder.Decode(Convert.FromHexString("be")));
    }

    private static string Show(HpackDecoder decoder, string block) =>
        string.Join(';', decoder.Decode(Convert.FromHexString(block)).Select(f => $"{f.Name}={f.Value}"));
}
