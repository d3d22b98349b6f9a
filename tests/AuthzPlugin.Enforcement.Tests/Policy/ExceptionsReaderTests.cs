using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Trust.References;
using static AuthzPlugin.Enforcement.Tests.Policy.PolicyTexts;

namespace AuthzPlugin.Enforcement.Tests.Policy;

/// <summary>The list <c>exceptions</c>: what is legal, what is not, and what is warned about.</summary>
public sealed class ExceptionsReaderTests
{
    private const string Rest = """ "reason": "OPS-1", "expires": "2027-01-31T00:00:00Z" """;
    private const string DigestOfA = "sha256:" + KeyA;
    private const string Long = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private static PolicyLoadResult ReadList(string list) => ReadWith($"\"exceptions\": {list}");

    private static PolicyLoadResult ReadOne(string members) => ReadList("[{ " + members + " }]");

    [Theory]
    [InlineData("Z", "2027-01-31T00:00:00Z", "2027-01-31T00:00:00Z")]
    [InlineData("an offset", "2027-01-31T01:00:00+01:00", "2027-01-31T00:00:00Z")]
    [InlineData("long ago", "1999-12-31T23:59:59Z", "1999-12-31T23:59:59Z")]
    public void A_digest_is_excepted_until_a_time(string row, string written, string end)
    {
        var result = ReadOne($"\"digest\": \"{DigestOfA}\", \"reason\": \"caf\u00e9\", \"expires\": \"{written}\"");

        Assert.True(result.Warnings.Count == 0 && result.Problems.Count == 0, row);
        var one = Assert.Single(result.Policy!.Exceptions.All);
        Assert.Equal((DigestOfA, null, "caf\\u00e9", end), (one.Digest!.ToString(), one.Image, one.Reason, one.End));
        Assert.Equal((DaemonPath, "builder.content-trust.exceptions[0]"), (one.Source, one.Path));
    }

    [Fact]
    public void A_name_with_any_content_is_legal_and_a_warning_at_every_load()
    {
        var result = ReadOne("\"image\": \"registry.example.com/legacy/*\", \"any-content\": true," + Rest);

        Assert.Equal("registry.example.com/legacy/*", Assert.Single(result.Policy!.Exceptions.All).Image);
        var warning = Assert.Single(result.Warnings);
        Assert.Equal("builder.content-trust.exceptions[0]", warning.Path);
        Assert.Contains("any image under this name", warning.Found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"digest\": \"" + DigestOfA + "\", \"image\": \"a.example/b\", \"any-content\": true," + Rest, "", "both digest and image")]
    [InlineData(Rest, "", "neither digest nor image")]
    [InlineData("\"digest\": \"" + DigestOfA + "\", \"any-content\": true," + Rest, ".any-content", "any-content beside a digest")]
    [InlineData("\"digest\": \"" + DigestOfA + "\", \"any-content\": false," + Rest, ".any-content", "any-content beside a digest")]
    [InlineData("\"image\": \"a.example/b\"," + Rest, ".any-content", "without \"any-content\": true")]
    [InlineData("\"image\": \"a.example/b\", \"any-content\": false," + Rest, ".any-content", "without \"any-content\": true")]
    [InlineData("\"image\": \"a.example/b\", \"any-content\": \"true\"," + Rest, ".any-content", "\"true\"")]
    [InlineData("\"image\": \"alpine\", \"any-content\": true," + Rest, ".image", "matches nothing")]
    [InlineData("\"image\": \"a.example/b:1\", \"any-content\": true," + Rest, ".image", "a tag or digest in")]
    [InlineData("\"image\": \"a.example/*/b\", \"any-content\": true," + Rest, ".image", "before the end")]
    [InlineData("\"image\": 5, \"any-content\": true," + Rest, ".image", "5")]
    [InlineData("\"digest\": \"" + KeyA + "\"," + Rest, ".digest", KeyA)]
    [InlineData("\"digest\": \"sha256:abc\"," + Rest, ".digest", "sha256:abc")]
    [InlineData("\"digest\": \"sha512:" + KeyA + KeyA + "\"," + Rest, ".digest", "sha512:")]
    [InlineData("\"digest\": \"a.example/b@" + DigestOfA + "\"," + Rest, ".digest", "a.example/b@")]
    [InlineData("\"digest\": \"SHA256:" + KeyA + "\"," + Rest, ".digest", "SHA256:")]
    [InlineData("\"digest\": null," + Rest, ".digest", "null")]
    [InlineData("\"digest\": \"" + DigestOfA + "\", \"expires\": \"2027-01-31T00:00:00Z\"", ".reason", "no reason")]
    [InlineData("\"digest\": \"" + DigestOfA + "\", \"reason\": \"  \", \"expires\": \"2027-01-31T00:00:00Z\"", ".reason", "\"  \"")]
    [InlineData("\"digest\": \"" + DigestOfA + "\", \"reason\": \"" + Long + Long + "x\", \"expires\": \"2027-01-31T00:00:00Z\"", ".reason", "xxx")]
    [InlineData("\"digest\": \"" + DigestOfA + "\", \"reason\": true, \"expires\": \"2027-01-31T00:00:00Z\"", ".reason", "true")]
    [InlineData("\"digest\": \"" + DigestOfA + "\", \"reason\": \"OPS-1\"", ".expires", "no expires")]
    [InlineData("\"digest\": \"" + DigestOfA + "\", \"reason\": \"OPS-1\", \"expires\": \"never\"", ".expires", "\"never\"")]
    [InlineData("\"digest\": \"" + DigestOfA + "\", \"reason\": \"OPS-1\", \"expires\": \"2027-01-31\"", ".expires", "\"2027-01-31\"")]
    [InlineData("\"digest\": \"" + DigestOfA + "\", \"reason\": \"OPS-1\", \"expires\": \"2027-01-31T00:00:00\"", ".expires", "\"2027-01-31T00:00:00\"")]
    [InlineData("\"digest\": \"" + DigestOfA + "\", \"reason\": \"OPS-1\", \"expires\": \"2027-02-30T00:00:00Z\"", ".expires", "\"2027-02-30T00:00:00Z\"")]
    [InlineData("\"digest\": \"" + DigestOfA + "\", \"reason\": \"OPS-1\", \"expires\": \"9999-12-31T23:59:59-23:00\"", ".expires", "9999")]
    [InlineData("\"digest\": \"" + DigestOfA + "\", \"reason\": \"OPS-1\", \"expires\": 4102444800", ".expires", "4102444800")]
    [InlineData("\"digest\": \"" + DigestOfA + "\", \"expiry\": \"x\"," + Rest, ".expiry", "the unknown key \"expiry\"")]
    [InlineData("\"digest\": \"" + DigestOfA + "\", \"digest\": \"" + DigestOfA + "\"," + Rest, ".digest", "the key 2 times")]
    public void A_bad_exception_is_a_problem_with_its_place(string members, string path, string found)
    {
        var result = ReadOne(members);

        Assert.Null(result.Policy);
        var problem = Assert.Single(result.Problems);
        Assert.Equal("builder.content-trust.exceptions[0]" + path, problem.Path);
        Assert.Contains(found, problem.Found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "", "an object")]
    [InlineData("null", "", "null")]
    [InlineData("[\"" + DigestOfA + "\"]", "[0]", DigestOfA)]
    [InlineData("[[]]", "[0]", "a list")]
    [InlineData("[{ \"digest\": \"" + DigestOfA + "\"," + Rest + "}, { \"digest\": \"" + DigestOfA + "\"," + Rest + "}]", "[1]", "a second time")]
    [InlineData("[{ \"image\": \"a.example/b\", \"any-content\": true," + Rest + "}, { \"image\": \"a.example/b\", \"any-content\": true," + Rest + "}]", "[1]", "a second time")]
    public void A_bad_list_is_a_problem_with_its_place(string list, string path, string found)
    {
        var problem = Assert.Single(ReadList(list).Problems);

        Assert.Equal("builder.content-trust.exceptions" + path, problem.Path);
        Assert.Contains(found, problem.Found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1000, 0)]
    [InlineData(1001, 1)]
    public void There_are_at_most_so_many(int count, int problems)
    {
        var list = string.Join(',', Enumerable.Range(0, count).Select(i => $"{{ \"digest\": \"sha256:{i:x64}\",{Rest}}}"));

        Assert.Equal(problems, ReadList($"[{list}]").Problems.Count);
    }

    [Theory]
    [InlineData("ended", -1, "has no effect", "remove it, or set expires anew")]
    [InlineData("ends this moment", 0, "has no effect", "remove it, or set expires anew")]
    [InlineData("ends in a week", 7 * 24 * 3600, "that ends", "have the image signed before, or set expires anew")]
    public void What_ended_or_ends_soon_is_a_warning_and_never_a_problem(string row, int seconds, string found, string next)
    {
        var expires = Now.AddSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        var result = ReadOne($"\"digest\": \"{DigestOfA}\", \"reason\": \"OPS-1\", \"expires\": \"{expires}\"");

        Assert.True(result.Problems.Count == 0, row);
        var warning = Assert.Single(ExceptionAdvice.Warnings(result.Policy!, Now));
        Assert.Contains(found, warning.Found, StringComparison.Ordinal);
        Assert.Equal(next, warning.NextStep);
        Assert.Empty(ExceptionAdvice.Warnings(result.Policy!, Now.AddSeconds(seconds).AddDays(-8)));
    }

    [Fact]
    public void Whether_one_is_in_force_is_a_question_of_the_moment()
    {
        var list = ReadOne($"\"digest\": \"{DigestOfA}\",{Rest}").Policy!.Exceptions;
        Assert.True(Digest.TryParse(DigestOfA, out var digest));
        var end = new DateTimeOffset(2027, 1, 31, 0, 0, 0, TimeSpan.Zero);

        Assert.NotNull(list.Find(digest, end.AddTicks(-1)));
        Assert.Null(list.Find(digest, end));
        Assert.False(list.HasDigests(end));
        Assert.Null(list.AsOf(end).Find(digest, Now));
    }

    [Fact]
    public void They_stand_in_the_effective_policy() =>
        Assert.Contains(
            new KeyValuePair<string, string>("exceptions", $"{DigestOfA} until 2027-01-31T00:00:00Z: OPS-1"),
            PolicyReport.Effective(ReadOne($"\"digest\": \"{DigestOfA}\",{Rest}").Policy!).Select(e => KeyValuePair.Create(e.Key, string.Join('|', e.Value))));
}
