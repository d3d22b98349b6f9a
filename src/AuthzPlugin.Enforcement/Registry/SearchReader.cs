using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Oci;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Registry;

/// <summary>
/// Reads for one search, within <see cref="RegistryLimits"/>. What is wrong with one manifest or blob is a text and does not end the search:
/// others may be good. Not thread-safe.
/// </summary>
internal sealed class SearchReader(RegistryClient registry, RepositoryName repository)
{
    private readonly Dictionary<Digest, byte[]?> _blobs = [];
    private int _manifests;
    private int _signatures;
    private long _bytes;

    /// <summary>What was left out, as half a sentence; empty when everything was looked at.</summary>
    public string LeftOut { get; private set; } = "";

    /// <summary>A limit was reached: nothing more is read.</summary>
    public bool IsExhausted => LeftOut.Length > 0;

    /// <summary>Each blob once: many signatures over one digest have one payload.</summary>
    public async Task<(byte[]? Bytes, string Problem)> BlobAsync(Digest digest, int maxBytes, CancellationToken cancellation)
    {
        const string Missing = "names a blob that the registry does not have";
        if (_blobs.TryGetValue(digest, out var known))
        {
            return (known, known is null ? Missing : "");
        }

        try
        {
            var bytes = await registry.FindBlobAsync(repository, digest, maxBytes, cancellation).ConfigureAwait(false);
            Count(bytes);
            _blobs[digest] = bytes;
            return (bytes, bytes is null ? Missing : "");
        }
        catch (RepositoryException e)
        {
            return (null, UntrustedText.Escape(e.Message));
        }
    }

    /// <summary>A manifest, or why there is none; neither when the registry has none.</summary>
    public async Task<(OciManifest? Manifest, string? Problem)> ReadAsync(Func<Task<byte[]?>> fetch)
    {
        try
        {
            var bytes = await fetch().ConfigureAwait(false);
            Count(bytes);
            return (bytes is null ? null : OciManifest.Read(bytes), null);
        }
        catch (RepositoryException e)
        {
            return (null, UntrustedText.Escape(e.Message));
        }
        catch (FormatException e)
        {
            return (null, UntrustedText.Escape($"is no manifest: {e.Message}"));
        }
    }

    private void Count(byte[]? bytes)
    {
        _bytes += bytes?.Length ?? 0;
        if (_bytes > RegistryLimits.TotalBytes)
        {
            LeaveOut($"more than {RegistryLimits.TotalBytes} bytes of signatures");
        }
    }

    /// <summary>Whether one more manifest may be opened.</summary>
    public bool MayOpen() => !IsExhausted && (++_manifests <= RegistryLimits.Manifests || LeaveOut($"more than {RegistryLimits.Manifests} manifests"));

    /// <summary>Whether one more signature may be looked at.</summary>
    public bool MayLook() => ++_signatures <= RegistryLimits.Signatures || LeaveOut($"more than {RegistryLimits.Signatures} signatures");

    /// <summary>Ends the search; always false.</summary>
    public bool LeaveOut(string what)
    {
        LeftOut = IsExhausted ? LeftOut : what;
        return false;
    }
}
