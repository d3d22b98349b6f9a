using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace AuthzPlugin.Trust.Metadata;

/// <summary>
/// Name of a Notary role: one of the four of every repository, or a delegation (<c>targets/releases</c>).
/// A value is always well formed, so it may stand in a URL or a cache path: fewer than 256 characters of <c>[-a-z0-9_/]</c>,
/// no empty part, no dots.
/// </summary>
public sealed record RoleName
{
    /// <summary>Longest name, in characters (Notary 0.7 client, roles.go: fewer than 256).</summary>
    public const int MaxLength = 255;

    private const string DelegationPrefix = "targets/";

    private static readonly SearchValues<char> DelegationCharacters = SearchValues.Create("-abcdefghijklmnopqrstuvwxyz0123456789_/");

    private RoleName(string text) => Text = text;

    public static RoleName Root { get; } = new("root");

    public static RoleName Targets { get; } = new("targets");

    public static RoleName Snapshot { get; } = new("snapshot");

    public static RoleName Timestamp { get; } = new("timestamp");

    /// <summary>The delegation that <c>docker trust sign</c> writes tags to; it speaks before <see cref="Targets"/>.</summary>
    public static RoleName Releases { get; } = new("targets/releases");

    /// <summary>The name as it stands in metadata and URLs.</summary>
    public string Text { get; }

    /// <summary>Whether it is a delegation, at any depth.</summary>
    public bool IsDelegation => Text.StartsWith(DelegationPrefix, StringComparison.Ordinal);

    /// <summary>Reads a role name; anything that is not exactly one is refused.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out RoleName? role)
    {
        role = text switch
        {
            "root" => Root,
            "targets" => Targets,
            "snapshot" => Snapshot,
            "timestamp" => Timestamp,
            not null when IsDelegationName(text) => new RoleName(text),
            _ => null,
        };
        return role is not null;
    }

    /// <summary>Whether this role is delegated by <paramref name="parent"/> itself: one level below it.</summary>
    public bool IsDirectChildOf(RoleName parent) =>
        IsUnder(parent) && Text.IndexOf('/', parent.Text.Length + 1) < 0;

    /// <summary>Whether this role is below <paramref name="ancestor"/>, at any depth.</summary>
    public bool IsUnder(RoleName ancestor) =>
        Text.Length > ancestor.Text.Length + 1
        && Text.StartsWith(ancestor.Text, StringComparison.Ordinal)
        && Text[ancestor.Text.Length] == '/';

    public override string ToString() => Text;

    private static bool IsDelegationName(string text) =>
        text.Length <= MaxLength
        && text.StartsWith(DelegationPrefix, StringComparison.Ordinal)
        && !text.AsSpan().ContainsAnyExcept(DelegationCharacters)
        && !text.EndsWith('/')
        && !text.Contains("//", StringComparison.Ordinal);
}
