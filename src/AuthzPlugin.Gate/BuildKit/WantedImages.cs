using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Gate.BuildKit.Policies;
using AuthzPlugin.Gate.ClassicBuilds;

namespace AuthzPlugin.Gate.BuildKit;

/// <summary>The images that a build names, each decided once however often it is named.</summary>
internal sealed class WantedImages
{
    private readonly Dictionary<string, Want> _wants = new(StringComparer.Ordinal);

    public int Count => _wants.Count;

    /// <summary>The build cannot do without it; the first refusal in this order is the answer.</summary>
    /// <param name="where">Stands before the reason.</param>
    /// <param name="hint">Stands after it.</param>
    public void Need(string image, string where, string hint = "")
    {
        if (!_wants.TryGetValue(image, out var want) || !want.Needed)
        {
            _wants[image] = new Want(image, where, hint, Needed: true);
        }
    }

    /// <summary>The build may read it if it is signed.</summary>
    public void Try(string image) => _wants.TryAdd(image, new Want(image, "", "", Needed: false));

    public async Task<BuildVerdict> DecideAsync(Func<string, Task<Decision>> decide)
    {
        var decided = await Task.WhenAll(_wants.Values.Select(async want =>
            (Want: want, Decision: Fitting(await decide(want.Image).ConfigureAwait(false))))).ConfigureAwait(false);
        var refused = decided.FirstOrDefault(d => d.Want.Needed && !d.Decision.IsTrusted);
        if (refused.Want is { } first)
        {
            return BuildVerdict.Refused(refused.Decision with { Message = first.Where + refused.Decision.Message + first.Hint });
        }

        Decision[] images = [.. decided.Where(d => d.Decision.IsTrusted).Select(d => d.Decision)];
        return new BuildVerdict(BuildDecisions.Trusted(images), images);
    }

    // The policy's expression has a limit.
    private static Decision Fitting(Decision decision) =>
        decision.IsTrusted && PinnedImage.Of(decision).Pinned.Length > AllButThese.LongestText
            ? BuildDecisions.Ambiguous($"{decision.Image} has too long a name for a source policy; use a shorter one")
            : decision;

    private sealed record Want(string Image, string Where, string Hint, bool Needed);
}
