using AuthzPlugin.Enforcement.TrustData;

namespace AuthzPlugin.Enforcement.Tests.TrustData;

/// <summary>Answers that are kept, within a bound.</summary>
public sealed class KeptAnswersTests
{
    private const int Maximum = 3;

    private readonly KeptAnswers<string, string> _kept = new(Maximum, StringComparer.Ordinal);

    [Fact]
    public void What_was_never_kept_is_not_there() => Assert.Null(_kept.Get("a"));

    [Fact]
    public void As_many_as_the_bound_are_kept()
    {
        Keep("a", "b", "c");

        Assert.Equal(["answer a", "answer b", "answer c"], new[] { "a", "b", "c" }.Select(_kept.Get));
    }

    [Fact]
    public void Beyond_the_bound_the_newest_is_kept_alone()
    {
        Keep("a", "b", "c", "d");

        Assert.Equal([null, null, null, "answer d"], new[] { "a", "b", "c", "d" }.Select(_kept.Get));
    }

    [Fact]
    public void Keys_are_compared_as_told()
    {
        Keep("a");

        Assert.Null(_kept.Get("A"));
        Assert.Equal("answer a", _kept.Get("a"));
    }

    [Fact]
    public void What_threads_keep_at_once_is_all_there()
    {
        var kept = new KeptAnswers<int, string>(1000);

        Parallel.For(0, 1000, i => Assert.Equal($"{i}", kept.Keep(i, $"{i}")));

        Assert.All(Enumerable.Range(0, 1000), i => Assert.Equal($"{i}", kept.Get(i)));
    }

    private void Keep(params string[] keys)
    {
        foreach (var key in keys)
        {
            Assert.Equal($"answer {key}", _kept.Keep(key, $"answer {key}"));
        }
    }
}
