using System.Collections.Frozen;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Trust.Pinning;

/// <summary>
/// All pins of a policy. Exactly one entry decides for a repository, without fall-through or merging:
/// exact <c>cert-ids</c>, then exact <c>root-keys</c>, then the longest <c>root-keys</c> wildcard.
/// No entry: the repository is not trusted (there is no trust on first use).
/// The cost of a match does not grow with the number of pins, only with the length of the name.
/// </summary>
public sealed class RootPins
{
    private readonly FrozenDictionary<string, RootPin> _certIds;
    private readonly FrozenDictionary<string, RootPin> _exactKeys;
    private readonly FrozenDictionary<string, RootPin> _wildcards;
    private readonly int[] _prefixLengths;

    /// <exception cref="ArgumentException">Two entries of one kind have the same pattern.</exception>
    public RootPins(IEnumerable<RootPin> pins)
    {
        var all = pins.ToArray();
        All = all;
        _certIds = all.Where(p => p.Kind == PinKind.CertIds).ToFrozenDictionary(p => p.Pattern, StringComparer.Ordinal);
        _exactKeys = all.Where(p => p.Kind == PinKind.RootKeys && !p.IsWildcard)
            .ToFrozenDictionary(p => p.Pattern, StringComparer.Ordinal);
        _wildcards = all.Where(p => p.Kind == PinKind.RootKeys && p.IsWildcard)
            .ToFrozenDictionary(p => p.Pattern[..^1], StringComparer.Ordinal);
        _prefixLengths = [.. _wildcards.Keys.Select(p => p.Length).Distinct().OrderDescending()];
    }

    /// <summary>Every entry, in the order given.</summary>
    public IReadOnlyList<RootPin> All { get; }

    /// <summary>The entry that decides for the repository, or null.</summary>
    public RootPin? Match(RepositoryName repository)
    {
        var name = repository.Name;
        if (_certIds.TryGetValue(name, out var pin) || _exactKeys.TryGetValue(name, out pin))
        {
            return pin;
        }

        var wildcards = _wildcards.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var length in _prefixLengths)
        {
            if (length <= name.Length && wildcards.TryGetValue(name.AsSpan(0, length), out pin))
            {
                return pin;
            }
        }

        return null;
    }
}
