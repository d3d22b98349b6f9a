using System.Text;
using AuthzPlugin.Gate.Pulls;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Gate.Tests.Pulls;

/// <summary>A pull by digest is told as the pull by tag that was asked for.</summary>
public sealed class PullProgressTests
{
    private static readonly string Hex = new('a', 64);

    private static Digest Digest => Trust.References.Digest.TryParse($"sha256:{Hex}", out var digest) ? digest : throw new InvalidOperationException();

    [Theory]
    [InlineData("sha256:")]
    [InlineData("localhost:5000/lab/app@sha256:")]
    public async Task Lines_that_name_the_digest_name_the_tag(string id)
    {
        var order = new List<string>();
        var text = await RunAsync(
            $$"""
            {"status":"Pulling from lab/app","id":"{{id}}{{Hex}}"}
            {"status":"Downloading","progressDetail":{"current":1,"total":2},"progress":"[\u003e ]","id":"fd1c"}
            {"status":"Digest: sha256:{{Hex}}"}
            {"status":"Status: Downloaded newer image for localhost:5000/lab/app@sha256:{{Hex}}"}

            """.ReplaceLineEndings("\r\n"),
            () => order.Add("tagged"));

        Assert.Equal(
            $$"""
            {"status":"Pulling from lab/app","id":"1"}
            {"status":"Downloading","progressDetail":{"current":1,"total":2},"progress":"[\u003e ]","id":"fd1c"}
            {"status":"Digest: sha256:{{Hex}}"}
            {"status":"Status: Downloaded newer image for localhost:5000/lab/app:1"}

            """.ReplaceLineEndings("\r\n"),
            text);
        Assert.Equal(["tagged"], order);
    }

    [Theory]
    [InlineData(true, "Status: Downloaded newer image for a:1")]
    [InlineData(false, "Status: Image is up to date for a:1")]
    public async Task A_tag_that_moved_is_newer_although_the_digest_was_there(bool isNew, string expected) =>
        Assert.Contains(expected, await RunAsync($"{{\"status\":\"Status: Image is up to date for a@sha256:{Hex}\"}}\r\n", () => { }, isNew), StringComparison.Ordinal);

    [Fact]
    public async Task After_an_error_no_tag_is_set()
    {
        var tagged = false;
        var line = "{\"errorDetail\":{\"message\":\"m\"},\"error\":\"m\"}\r\n";

        Assert.Equal(line, await RunAsync(line, () => tagged = true));
        Assert.False(tagged);
    }

    [Fact]
    public async Task A_tag_that_cannot_be_set_is_an_error_in_place_of_the_last_word() =>
        Assert.Equal(
            "{\"errorDetail\":{\"message\":\"no space\"},\"error\":\"no space\"}\r\n",
            await RunAsync($"{{\"status\":\"Status: Downloaded newer image for a@sha256:{Hex}\"}}\r\n", () => { }, problem: "no space"));

    [Fact]
    public async Task A_stream_without_a_last_word_is_tagged_at_its_end()
    {
        var tagged = false;
        await RunAsync("{\"status\":\"Digest: x\"}\r\n", () => tagged = true);

        Assert.True(tagged);
    }

    private static async Task<string> RunAsync(string progress, Action tag, bool isNew = true, string? problem = null)
    {
        var rewriting = new PullProgress("1", Digest, _ =>
        {
            tag();
            return Task.FromResult(new TagResult(problem, isNew));
        });
        using var result = new MemoryStream();
        await using var pieces = new PiecesStream(rewriting.RewriteAsync(new DribblingStream(Encoding.UTF8.GetBytes(progress)), CancellationToken.None));
        await pieces.CopyToAsync(result);
        return Encoding.UTF8.GetString(result.ToArray());
    }

    /// <summary>Seven bytes at a time: lines come in pieces.</summary>
    private sealed class DribblingStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(7, buffer.Length)], cancellationToken);
    }
}
