using System.Diagnostics.CodeAnalysis;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>
/// A query read as Go's <c>url.ParseQuery</c> does: split at <c>&amp;</c>, <c>+</c> is a space, keys are decoded too
/// (<c>%66romImage</c> is <c>fromImage</c>) and are case-sensitive. A key stands once, save those that honest clients repeat (R5).
/// </summary>
public sealed class QueryParameters
{
    /// <summary>Most parameters of one request.</summary>
    public const int MaxCount = 1000;

    private readonly Dictionary<string, string> _values;

    private QueryParameters(Dictionary<string, string> values) => _values = values;

    /// <summary>The value as the engine's <c>Form.Get</c> answers it: the first one, empty when the key is absent.</summary>
    public string this[string key] => _values.GetValueOrDefault(key, "");

    /// <summary>The keys that are there, each once, in the order of their first standing.</summary>
    public IReadOnlyCollection<string> Keys => _values.Keys;

    /// <summary>Reads a query whose escapes are valid; on failure <paramref name="problem"/> is half a sentence about the target.</summary>
    public static bool TryParse(
        string rawQuery,
        IReadOnlyList<string> repeats,
        [NotNullWhen(true)] out QueryParameters? query,
        [NotNullWhen(false)] out string? problem)
    {
        query = null;
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var parts = rawQuery.Split('&', StringSplitOptions.RemoveEmptyEntries);
        problem = parts.Length > MaxCount ? $"has more than {MaxCount} query parameters" : null;
        for (var i = 0; problem is null && i < parts.Length; i++)
        {
            problem = Add(values, parts[i], repeats);
        }

        query = problem is null ? new QueryParameters(values) : null;
        return problem is null;
    }

    private static string? Add(Dictionary<string, string> values, string part, IReadOnlyList<string> repeats)
    {
        var equals = part.IndexOf('=', StringComparison.Ordinal);
        var (rawKey, rawValue) = equals < 0 ? (part, "") : (part[..equals], part[(equals + 1)..]);
        if (!PercentEncoding.TryDecode(rawKey, plusIsSpace: true, out var key)
            || !PercentEncoding.TryDecode(rawValue, plusIsSpace: true, out var value))
        {
            return "has a query parameter that is not UTF-8 after decoding";
        }

        return values.TryAdd(key, value) || repeats.Contains(key, StringComparer.Ordinal)
            ? null
            : $"has the query parameter {UntrustedText.Escape(key)} more than once";
    }
}
