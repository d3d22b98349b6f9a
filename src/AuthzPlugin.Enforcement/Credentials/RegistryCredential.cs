using System.Buffers;
using System.Text;
using System.Text.Json;

namespace AuthzPlugin.Enforcement.Credentials;

/// <summary>
/// A login: user and password, or an identity (refresh) token. Never printed.
/// </summary>
/// <param name="ServerAddress">The registry as Docker names it; <c>https://index.docker.io/v1/</c> for Docker Hub.</param>
public sealed record RegistryCredential(string ServerAddress, string? Username, string? Password, string? IdentityToken)
{
    /// <summary>User and password are both there.</summary>
    public bool HasPassword => !string.IsNullOrEmpty(Username) && !string.IsNullOrEmpty(Password);

    /// <summary>
    /// The value of an <c>X-Registry-Auth</c> header (Engine API 1.41, "Authentication"): base64url of JSON.
    /// </summary>
    public string ToRegistryAuthHeader()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (string.IsNullOrEmpty(IdentityToken))
            {
                json.WriteString("username", Username);
                json.WriteString("password", Password);
            }
            else
            {
                json.WriteString("identitytoken", IdentityToken);
            }

            json.WriteString("serveraddress", ServerAddress);
            json.WriteEndObject();
        }

        // Go's base64.URLEncoding, which the engine decodes with, keeps the padding.
        return Convert.ToBase64String(buffer.WrittenSpan).Replace('+', '-').Replace('/', '_');
    }

    /// <summary>The parameter of an <c>Authorization: Basic</c> header.</summary>
    internal string ToBasicParameter() => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Username}:{Password}"));

    public override string ToString() => $"login for {ServerAddress}";
}
