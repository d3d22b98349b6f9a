using System.Buffers;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using AuthzPlugin.Enforcement.TrustData.Transport;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.Credentials;

/// <summary>
/// Runs <c>docker-credential-NAME get</c> (docker-credential-helpers protocol): the registry goes to its input, JSON comes from its
/// output, within a time budget and a size limit.
/// </summary>
/// <param name="directory">Where the programs are; null for the PATH of this process.</param>
internal sealed class CredentialHelper(TimeSpan timeout, int maxBytes, TimeProvider time, string? directory = null)
{
    private const string NotFound = "credentials not found in native keychain";

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    /// <summary>The helper's login for the registry, or null when it has none.</summary>
    /// <exception cref="CredentialsException">It cannot be run, takes too long, fails, or answers something else.</exception>
    public async Task<RegistryCredential?> GetAsync(string name, string address, CancellationToken cancellation)
    {
        if (name.AsSpan().ContainsAnyExcept(NameCharacters) || name.StartsWith('.'))
        {
            throw new CredentialsException($"{UntrustedText.Escape(name)} is not the name of a credential helper");
        }

        var program = "docker-credential-" + name;
        using var budget = new CancellationTokenSource(timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(budget.Token, cancellation);
        try
        {
            var (exitCode, output) = await RunAsync(program, address, linked.Token).ConfigureAwait(false);
            return exitCode == 0 ? Parse(program, address, output) : NoLogin(program, exitCode, output);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new CredentialsException($"{program} did not answer in {timeout.TotalSeconds} s", e);
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            throw new CredentialsException($"{program} cannot be run", e);
        }
    }

    private async Task<(int ExitCode, byte[] Output)> RunAsync(string program, string address, CancellationToken cancellation)
    {
        using var process = Process.Start(new ProcessStartInfo(directory is null ? program : Path.Combine(directory, program), ["get"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = false,
        }) ?? throw new IOException("no process");
        try
        {
            await WriteAsync(process.StandardInput, address, cancellation).ConfigureAwait(false);
            var output = await BoundedBody.ReadAsync(process.StandardOutput.BaseStream, maxBytes, cancellation).ConfigureAwait(false)
                ?? throw new CredentialsException($"{program} writes more than {maxBytes} bytes");
            await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
            return (process.ExitCode, output);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static async Task WriteAsync(StreamWriter input, string address, CancellationToken cancellation)
    {
        try
        {
            await input.WriteAsync(address.AsMemory(), cancellation).ConfigureAwait(false);
            input.Close();
        }
        catch (IOException)
        {
            // It ended without reading its input; what it wrote and its exit status say the rest.
        }
    }

    private static RegistryCredential? NoLogin(string program, int exitCode, byte[] output) =>
        Encoding.UTF8.GetString(output).Trim() == NotFound
            ? null
            : throw new CredentialsException($"{program} failed with exit status {exitCode}");

    private static RegistryCredential Parse(string program, string address, byte[] output)
    {
        try
        {
            using var document = JsonDocument.Parse(output, new JsonDocumentOptions { MaxDepth = 8 });
            var user = document.RootElement.GetProperty("Username").GetString();
            var secret = document.RootElement.GetProperty("Secret").GetString();

            // Docker CLI, native_store.go: this user name says that the secret is an identity token.
            return user == "<token>"
                ? new RegistryCredential(address, null, null, secret)
                : new RegistryCredential(address, user, secret, null);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new CredentialsException($"{program} does not answer with Username and Secret", e);
        }
    }
}
