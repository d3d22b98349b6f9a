using System.Text;
using System.Text.Json;
using AuthzPlugin.Enforcement.TrustData.Transport;

namespace AuthzPlugin.Enforcement.Credentials;

/// <summary>The parts of a Docker <c>config.json</c> that hold logins. Everything else in it is passed over, as Docker does.</summary>
internal sealed class DockerConfigFile
{
    private readonly string _path;
    private readonly JsonElement _root;

    private DockerConfigFile(string path, JsonElement root) => (_path, _root) = (path, root);

    /// <summary>The file, or null when there is none.</summary>
    /// <exception cref="CredentialsException">It cannot be read, is too large, or is no JSON object.</exception>
    public static async Task<DockerConfigFile?> ReadAsync(string path, int maxBytes, CancellationToken cancellation)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var bytes = await BoundedBody.ReadAsync(stream, maxBytes, cancellation).ConfigureAwait(false)
                ?? throw new CredentialsException($"the credentials file {path} is larger than {maxBytes} bytes");
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 16 });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new DockerConfigFile(path, document.RootElement.Clone())
                : throw new CredentialsException($"the credentials file {path} is not a JSON object");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CredentialsException($"the credentials file {path} cannot be read", e);
        }
        catch (JsonException e)
        {
            throw new CredentialsException($"the credentials file {path} is not valid JSON", e);
        }
    }

    /// <summary>Name of the credential helper for a registry: its own, or the store for all (Docker CLI, GetCredentialsStore).</summary>
    public string? HelperFor(string address, string host)
    {
        var helpers = Member(_root, "credHelpers");
        return (Text(helpers, address) ?? Text(helpers, host) ?? Text(_root, "credsStore")) is { Length: > 0 } name ? name : null;
    }

    /// <summary>The entry of <c>auths</c> for a registry: by its exact key, else by the host in a key that is an old-style URL.</summary>
    public RegistryCredential? AuthFor(string address, string host)
    {
        var auths = Member(_root, "auths");
        if (auths.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var hosts = host is "docker.io" or "index.docker.io" ? new[] { "index.docker.io", "docker.io" } : [host];
        var entry = Member(auths, address);
        foreach (var candidate in auths.EnumerateObject())
        {
            if (entry.ValueKind != JsonValueKind.Object && hosts.Contains(HostOf(candidate.Name), StringComparer.Ordinal))
            {
                entry = candidate.Value;
            }
        }

        return entry.ValueKind == JsonValueKind.Object ? Read(entry, address) : null;
    }

    private RegistryCredential? Read(JsonElement entry, string address)
    {
        var (user, password) = (Text(entry, "username"), Text(entry, "password"));
        if (Text(entry, "auth") is { Length: > 0 } auth)
        {
            (user, password) = Decode(auth, address);
        }

        var credential = new RegistryCredential(address, user, password, Text(entry, "identitytoken"));
        return credential.HasPassword || !string.IsNullOrEmpty(credential.IdentityToken) ? credential : null;
    }

    private (string User, string Password) Decode(string auth, string address)
    {
        var bytes = new byte[auth.Length];
        if (!Convert.TryFromBase64String(auth, bytes, out var length))
        {
            throw new CredentialsException($"the credentials file {_path} has an auth for {address} that is not base64");
        }

        var parts = Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2);
        return parts.Length == 2
            ? (parts[0], parts[1].TrimEnd('\0'))
            : throw new CredentialsException($"the credentials file {_path} has an auth for {address} without a colon");
    }

    // Docker CLI, credentials.ConvertToHostname: scheme and path of a key do not count.
    private static string HostOf(string key)
    {
        var start = key.IndexOf("://", StringComparison.Ordinal) is var scheme and >= 0 ? scheme + 3 : 0;
        var end = key.IndexOf('/', start);
        return end < 0 ? key[start..] : key[start..end];
    }

    private static JsonElement Member(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) ? value : default;

    private static string? Text(JsonElement parent, string name) =>
        Member(parent, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
}
