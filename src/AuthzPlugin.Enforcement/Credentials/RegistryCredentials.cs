using AuthzPlugin.Enforcement.TrustData;

namespace AuthzPlugin.Enforcement.Credentials;

/// <summary>
/// Logins of this host for registries and trust servers, from a Docker <c>config.json</c> (<c>auths</c>, <c>credHelpers</c>,
/// <c>credsStore</c>). The file is read with every look-up, so a change needs no restart. Users' own logins are never visible here.
/// </summary>
public sealed class RegistryCredentials(TrustDataOptions options, TimeProvider time)
{
    private readonly CredentialHelper _helper = new(options.CredentialHelperTimeout, options.CredentialBytes, time);

    /// <summary>Where logins are looked for, for messages.</summary>
    public string Source => options.CredentialsFile;

    /// <summary>The login for a registry host, or null. For Docker Hub the host is <c>docker.io</c>.</summary>
    /// <exception cref="CredentialsException">The file or a helper cannot be used.</exception>
    public async Task<RegistryCredential?> FindAsync(string registryHost, CancellationToken cancellation)
    {
        var file = await DockerConfigFile.ReadAsync(options.CredentialsFile, options.CredentialBytes, cancellation).ConfigureAwait(false);
        if (file is null)
        {
            return null;
        }

        var address = ServerAddress(registryHost);
        return file.HelperFor(address, registryHost) is { } helper
            ? await _helper.GetAsync(helper, address, cancellation).ConfigureAwait(false)
            : file.AuthFor(address, registryHost);
    }

    /// <summary>The key under which Docker keeps the login of a registry.</summary>
    internal static string ServerAddress(string registryHost) =>
        registryHost is "docker.io" or "index.docker.io" ? "https://index.docker.io/v1/" : registryHost;
}
