using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace AuthzPlugin.Enforcement.Policy;

/// <summary>
/// Base URLs of trust servers: https, or http to this machine. <see cref="Uri"/> repairs much (spaces, backslashes);
/// here only characters are let through that need no repair.
/// </summary>
internal static class ServerUrl
{
    public const string Legal = "an https:// URL without user, query or fragment (http:// only for localhost and loopback addresses)";

    private const string Https = "https://";
    private const string Http = "http://";

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/[]");

    /// <summary>The URL without a slash at its end; or null and what to do.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Uri? url, [NotNullWhen(false)] out string? nextStep)
    {
        url = null;
        nextStep = FindFault(text);
        if (nextStep is not null)
        {
            return false;
        }

        if (!Uri.TryCreate(text.TrimEnd('/'), UriKind.Absolute, out var parsed) || parsed.Host.Length == 0)
        {
            nextStep = "write https://HOST[:PORT]";
            return false;
        }

        if (parsed.Scheme == Uri.UriSchemeHttp && !IsLoopback(parsed))
        {
            nextStep = "use https: over http anyone on the way can read, hold back and delay";
            return false;
        }

        url = parsed;
        return true;
    }

    private static string? FindFault(string text) => text switch
    {
        _ when !text.StartsWith(Https, StringComparison.Ordinal) && !text.StartsWith(Http, StringComparison.Ordinal) =>
            text.Contains("://", StringComparison.Ordinal) ? "begin it with https:// in lower case" : "put https:// before the host",
        _ when text.Contains('@', StringComparison.Ordinal) => "put the login into the credentials file",
        _ when text.AsSpan().ContainsAnyExcept(Allowed) => "leave out query, fragment, spaces and special characters",
        _ => null,
    };

    private static bool IsLoopback(Uri url) =>
        url.Host == "localhost" || (IPAddress.TryParse(url.DnsSafeHost, out var address) && IPAddress.IsLoopback(address));
}
