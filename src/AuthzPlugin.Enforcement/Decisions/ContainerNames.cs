using System.Text.RegularExpressions;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Decisions;

/// <summary>What containers can be called in a request's path.</summary>
internal static partial class ContainerNames
{
    /// <summary>
    /// The engine's grammar of names (20.10: <c>[a-zA-Z0-9][a-zA-Z0-9_.-]+</c>), which ids and id prefixes also satisfy, with an
    /// optional leading slash. Aliases of legacy links (<c>a/b</c>) are not served.
    /// </summary>
    public static bool IsPlausible(string text) => text.Length <= 256 && Name().IsMatch(text);

    /// <summary>A full id. A container can also be <i>named</i> like this.</summary>
    public static bool IsFullId(string text) => Digest.IsLowerHex(text, Digest.HexLength);

    [GeneratedRegex(@"\A/?[a-zA-Z0-9][a-zA-Z0-9_.-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
