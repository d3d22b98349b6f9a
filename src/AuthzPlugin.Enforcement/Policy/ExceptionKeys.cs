using System.Globalization;
using AuthzPlugin.Enforcement.Policy.Json;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Policy;

/// <summary>What one entry of <c>exceptions</c> says, while it is being read.</summary>
internal sealed class ExceptionDraft
{
    public Digest? Digest { get; set; }

    public string? Image { get; set; }

    public bool? AnyContent { get; set; }

    public string? Reason { get; set; }

    public DateTimeOffset? Expires { get; set; }
}

/// <summary>The keys of an entry of <c>exceptions</c>.</summary>
internal static class ExceptionKeys
{
    /// <summary>Longest reason, in characters.</summary>
    public const int MaxReason = 200;

    public const string AnyContent = "any-content";

    private const string LegalDigest = "sha256: and 64 lower-case hex digits, of a manifest, an index or an image id";
    private const string LegalTime = "a time such as \"2027-01-31T00:00:00Z\"";

    private static readonly string[] TimeForms = ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:sszzz"];

    public static IReadOnlyList<ConfigKey<ExceptionDraft>> All { get; } =
    [
        new("digest", "none", ReadDigest),
        new("image", "none", ReadImage),
        new(AnyContent, "false", (d, node, f) => d.AnyContent = ConfigValue.ReadBoolean(node, f)),
        new("reason", "none, must be written", ReadReason),
        new("expires", "none, must be written", ReadExpires),
    ];

    private static void ReadDigest(ExceptionDraft draft, ConfigNode node, Findings findings)
    {
        if (node.Kind == ConfigKind.String && Digest.TryParse(node.Text, out var digest))
        {
            draft.Digest = digest;
            return;
        }

        var next = node.Kind != ConfigKind.String ? "write it in quotes"
            : Digest.IsLowerHex(node.Text, Digest.HexLength) ? $"write \"sha256:{node.Text}\""
            : node.Text.Contains('@', StringComparison.Ordinal) ? "write what stands after the @"
            : "copy the whole digest: docker image inspect shows it";
        findings.Problem(node, LegalDigest, next);
    }

    private static void ReadImage(ExceptionDraft draft, ConfigNode node, Findings findings)
    {
        if (node.Kind != ConfigKind.String)
        {
            findings.Problem(node, "a repository pattern", "write it in quotes");
            return;
        }

        draft.Image = node.Text;
        RepositoryPattern.Check(node.Text, wildcardAllowed: true, node.Path, findings);
    }

    private static void ReadReason(ExceptionDraft draft, ConfigNode node, Findings findings)
    {
        if (node.Kind == ConfigKind.String && !string.IsNullOrWhiteSpace(node.Text) && node.Text.Length <= MaxReason)
        {
            draft.Reason = UntrustedText.Escape(node.Text);
            return;
        }

        findings.Problem(
            node,
            string.Create(CultureInfo.InvariantCulture, $"a sentence of at most {MaxReason} characters"),
            node.Kind == ConfigKind.String && node.Text.Length > MaxReason ? "shorten it" : "write who needs it and why");
    }

    private static void ReadExpires(ExceptionDraft draft, ConfigNode node, Findings findings)
    {
        if (node.Kind == ConfigKind.String && DateTimeOffset.TryParseExact(
            node.Text, TimeForms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
        {
            draft.Expires = time;
            return;
        }

        findings.Problem(node, LegalTime, "write date, time and zone; an exception without an end is not possible");
    }
}
