using System.Collections.Frozen;
using AuthzPlugin.Enforcement.Decisions;

namespace AuthzPlugin.Enforcement.Metrics;

/// <summary>The values of an enumeration as label values (<c>TimedOut</c> → <c>timed-out</c>), made once: counting must not allocate.</summary>
internal sealed class LabelValues<T>
    where T : struct, Enum
{
    private readonly FrozenDictionary<T, string> _texts =
        Enum.GetValues<T>().ToFrozenDictionary(v => v, v => ReasonCodes.ToKebabCase(v.ToString()));

    public string this[T value] => _texts[value];
}
