using System.Collections.Frozen;
using AuthzPlugin.Trust.Pinning;

namespace AuthzPlugin.Enforcement.Policy;

/// <summary>What <c>trust-pinning</c> says, while it is being read.</summary>
internal sealed class PinningDraft
{
    /// <summary>What <c>official-library-images</c> stands for.</summary>
    public const string OfficialPattern = "docker.io/library/*";

    /// <summary>Canonical id of the root key of most Docker Official Images (notary-v1.md 6).</summary>
    public const string OfficialRootKey = "c15164663f80d58bf3d8d5a0cd08b8086cba02065feb00421fc2a5436c563210";

    private readonly List<(RootPin Pin, string Path)> _written = [];

    public bool OfficialImages { get; set; }

    /// <summary>Where the key stands; null when it does not.</summary>
    public string? OfficialPath { get; set; }

    /// <summary>The entries as written, each with its JSON path.</summary>
    public IReadOnlyList<(RootPin Pin, string Path)> Written => _written;

    /// <summary>The administrator's own entry wins over the one that <c>official-library-images</c> adds.</summary>
    public bool OfficialIsOverridden =>
        _written.Exists(w => w.Pin.Kind == PinKind.RootKeys && w.Pin.Pattern == OfficialPattern);

    public void Add(RootPin pin, string path) => _written.Add((pin, path));

    public IEnumerable<RootPin> EffectivePins()
    {
        var pins = _written.Select(w => w.Pin);
        return OfficialImages && !OfficialIsOverridden
            ? pins.Append(new RootPin(OfficialPattern, PinKind.RootKeys, new[] { OfficialRootKey }.ToFrozenSet(StringComparer.Ordinal)))
            : pins;
    }
}
