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
    private readonly FrozenDictionary<string, RootPin>.AlternateLookup<ReadOnlySpan<char>> _byPrefix;
    private readonly PrefixLength[] _prefixLengths;

    /// <exception cref="ArgumentException">Two entries of one kind have the same pattern.</exception>
    public RootPins(IEnumerable<RootPin> pins)
    {
        var all = pins.ToArray();
        All = all;
        _certIds = all.Where(p => p.Kind == PinKind.CertIds).ToFrozenDictionary(p => p.Pattern, StringComparer.Ordinal);
        _exactKeys = all.Where(p => p.Kind == PinKind.RootKeys && !p.IsWildcard)
            .ToFrozenDictionary(p => p.Pattern, StringComparer.Ordinal);
        var wildcards = all.Where(p => p.Kind == PinKind.RootKeys && p.IsWildcard)
            .ToFrozenDictionary(p => p.Pattern[..^1], StringComparer.Ordinal);
        _byPrefix = wildcards.GetAlternateLookup<ReadOnlySpan<char>>();
        _prefixLengths =
        [
            .. wildcards.Keys.GroupBy(p => p.Length).OrderByDescending(g => g.Key)
                .Select(g => new PrefixLength(g.Key, string.Concat(g.Select(EndOf).Distinct()))),
        ];
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

        foreach (var prefix in _prefixLengths)
        {
            if (prefix.MayMatch(name) && _byPrefix.TryGetValue(name.AsSpan(0, prefix.Length), out pin))
            {
                return pin;
            }
        }

        return null;
    }

    private static string EndOf(string prefix) => prefix.Length == 0 ? "" : prefix[^1..];

    /// <summary>The last characters of the wildcards of one length: nearly always a slash, which names have in few places.</summary>
    private readonly record struct PrefixLength(int Length, string Ends)
    {
        public bool MayMatch(string name) => Length == 0 || (Length <= name.Length && Ends.Contains(name[Length - 1], StringComparison.Ordinal));
    }
}
