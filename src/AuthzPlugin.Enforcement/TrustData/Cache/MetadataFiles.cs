using System.Collections.Frozen;
using AuthzPlugin.Trust.Metadata;

namespace AuthzPlugin.Enforcement.TrustData.Cache;

/// <summary>
/// The raw files of one repository by role, as they came from the server: immutable. To hold them says nothing about them;
/// whoever uses them verifies them.
/// </summary>
internal sealed class MetadataFiles(IEnumerable<KeyValuePair<RoleName, byte[]>> files)
{
    private readonly FrozenDictionary<RoleName, byte[]> _files = files.ToFrozenDictionary();

    public static MetadataFiles None { get; } = new([]);

    /// <summary>Sum of the sizes, in bytes.</summary>
    public long Bytes => _files.Values.Sum(f => (long)f.Length);

    /// <summary>In a stable order.</summary>
    public IEnumerable<KeyValuePair<RoleName, byte[]>> All => _files.OrderBy(f => f.Key.Text, StringComparer.Ordinal);

    public byte[]? Get(RoleName role) => _files.GetValueOrDefault(role);
}
