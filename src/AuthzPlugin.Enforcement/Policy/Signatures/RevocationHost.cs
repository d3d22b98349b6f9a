using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace AuthzPlugin.Enforcement.Policy.Signatures;

/// <summary>A host that may be asked for revocation, <c>ocsp.example.com</c> or <c>ocsp.example.com:8080</c>; exact, in lower case.</summary>
/// <param name="Name">A name, an IPv4 address, or an IPv6 address in brackets.</param>
/// <param name="Port">Null: the one of the scheme, 80 or 443.</param>
public sealed record RevocationHost(string Name, int? Port)
{
    public static bool TryParse(string text, [NotNullWhen(true)] out RevocationHost? host)
    {
        host = null;
        var colon = text.LastIndexOf(':');
        var hasPort = colon > text.LastIndexOf(']');
        var name = hasPort ? text[..colon] : text;
        var port = 0;
        if (hasPort && (!int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is 0 or > 65535))
        {
            return false;
        }

        // What a URL would write otherwise could never be equal to the host of one.
        if (!Uri.TryCreate($"http://{name}/", UriKind.Absolute, out var url) || url.Host != name || url.AbsolutePath != "/" || url.UserInfo.Length > 0
            || url.HostNameType == UriHostNameType.Basic || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or ':' or '[' or ']'))
        {
            return false;
        }

        host = new RevocationHost(name, hasPort ? port : null);
        return true;
    }

    /// <summary>Whether a place of a certificate is on this host and port.</summary>
    public bool Covers(Uri place) => place.IdnHost == Name.Trim('[', ']') && (Port is { } port ? place.Port == port : place.IsDefaultPort);

    public override string ToString() => Port is { } port ? string.Create(CultureInfo.InvariantCulture, $"{Name}:{port}") : Name;
}
