using System.Globalization;
using AuthzPlugin.Enforcement.Policy.Json;

namespace AuthzPlugin.Enforcement.Policy;

/// <summary>
/// The list <c>exceptions</c>. What has expired is read like the rest: a file must not become invalid by the passing of time
/// (<see cref="ExceptionAdvice"/> warns of it).
/// </summary>
internal static class ExceptionsReader
{
    /// <summary>Most exceptions: more of them are a policy of their own, which pins should be.</summary>
    public const int MostExceptions = 1000;

    public static IReadOnlyList<ExceptionRule> Read(ConfigNode node, Findings findings)
    {
        if (node.Kind != ConfigKind.Array)
        {
            findings.Problem(node, "a list of exceptions", "write [ { \"digest\": \"…\", \"reason\": \"…\", \"expires\": \"…\" } ]");
            return [];
        }

        if (node.Items.Count > MostExceptions)
        {
            findings.Problem(
                node.Path,
                string.Create(CultureInfo.InvariantCulture, $"{node.Items.Count} exceptions"),
                string.Create(CultureInfo.InvariantCulture, $"at most {MostExceptions}"),
                "remove those that have expired, and have the rest signed");
            return [];
        }

        var result = new List<ExceptionRule>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in node.Items)
        {
            if (ReadOne(item, findings) is not { } one)
            {
                continue;
            }

            if (!seen.Add(one.Subject))
            {
                findings.Problem(item.Path, $"{ConfigText.Escape(one.Subject)} a second time", "each digest or image once", "remove one of them");
                continue;
            }

            result.Add(one);
        }

        return result;
    }

    private static ExceptionRule? ReadOne(ConfigNode item, Findings findings)
    {
        var draft = new ExceptionDraft();
        var before = findings.Problems.Count;
        ConfigObject.Read(item, ExceptionKeys.All, draft, findings, _ => null);
        if (item.Kind != ConfigKind.Object)
        {
            return null;
        }

        CheckSubject(item, draft, findings);
        Require(item, "reason", "a sentence that says who needs it and why", findings);
        Require(item, "expires", "a time such as \"2027-01-31T00:00:00Z\"", findings);
        if (findings.Problems.Count > before)
        {
            return null;
        }

        if (draft.Image is not null)
        {
            findings.Warning(
                item.Path,
                $"{ConfigText.Quote(draft.Image)} with any content: whoever may run docker tag here runs any image under this name",
                "a digest",
                "name the digest of the image that is needed");
        }

        return new ExceptionRule
        {
            Digest = draft.Digest,
            Image = draft.Image,
            Reason = draft.Reason!,
            Expires = draft.Expires!.Value,
            Source = findings.Source,
            Path = item.Path,
        };
    }

    private static void CheckSubject(ConfigNode item, ExceptionDraft draft, Findings findings)
    {
        var (digest, image) = (Has(item, "digest"), Has(item, "image"));
        if (digest == image)
        {
            findings.Problem(
                item.Path, digest ? "both digest and image" : "neither digest nor image", "exactly one of them", "name the digest of the image that is needed");
        }
        else if (digest && Has(item, ExceptionKeys.AnyContent))
        {
            findings.Problem(item.PathOf(ExceptionKeys.AnyContent), "any-content beside a digest, which is one content", "no any-content", "remove it");
        }
        else if (image && draft.AnyContent != true && (!Has(item, ExceptionKeys.AnyContent) || draft.AnyContent is not null))
        {
            findings.Problem(
                item.PathOf(ExceptionKeys.AnyContent),
                "an image name without \"any-content\": true, and a name says nothing about content",
                "\"any-content\": true beside an image",
                "name the digest of the image that is needed, or write \"any-content\": true if that is meant");
        }
    }

    private static void Require(ConfigNode item, string key, string legal, Findings findings)
    {
        if (!Has(item, key))
        {
            findings.Problem(item.PathOf(key), $"no {key}", legal, $"add \"{key}\"");
        }
    }

    private static bool Has(ConfigNode item, string key) => item.Members.Exists(m => m.Name == key);
}
