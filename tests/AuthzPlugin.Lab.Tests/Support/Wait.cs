using System.Diagnostics;

namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>Waits that end.</summary>
public static class Wait
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <exception cref="TimeoutException">Says what was waited for.</exception>
    public static async Task UntilAsync(string what, Func<Task<bool>> condition, TimeSpan? limit = null)
    {
        var most = limit ?? TimeSpan.FromSeconds(20);
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > most)
            {
                throw new TimeoutException($"not within {most.TotalSeconds:0.#} s: {what}");
            }

            await Task.Delay(Interval);
        }
    }

    /// <summary>Until what was not found is looked for again (<c>negative-cache</c>, 3 s).</summary>
    public static Task PastNegativeAnswersAsync() => Task.Delay(TimeSpan.FromSeconds(3.2));

    public static Task UntilAsync(string what, Func<bool> condition, TimeSpan? limit = null) =>
        UntilAsync(what, () => Task.FromResult(condition()), limit);
}
