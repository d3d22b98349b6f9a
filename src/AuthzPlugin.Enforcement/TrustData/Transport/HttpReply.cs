using System.Net;
using System.Net.Http.Headers;

namespace AuthzPlugin.Enforcement.TrustData.Transport;

/// <summary>An answer, read completely and within its limit.</summary>
/// <param name="Body">The bytes of a 200 answer; empty for every other status, whose bodies are not read.</param>
/// <param name="TooLarge">A 200 answer was, or announced to be, larger than the limit; <paramref name="Body"/> is empty then.</param>
/// <param name="Challenges">What WWW-Authenticate asks for.</param>
/// <param name="Location">Where a redirect points to, as written.</param>
/// <param name="Link">The Link header, as written.</param>
internal sealed record HttpReply(
    HttpStatusCode Status,
    byte[] Body,
    bool TooLarge,
    IReadOnlyList<AuthenticationHeaderValue> Challenges,
    Uri? Location,
    string? Link);
