using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Trust.Sigstore;

/// <summary>
/// A pinned <c>trusted_root.json</c> (sigstore/protobuf-specs, TrustedRoot 0.1 and 0.2): the certificate authorities, certificate
/// transparency logs, Rekor logs and timestamp authorities that count, each in its window of time. Immutable, safe for concurrent use.
/// </summary>
public sealed class SigstoreRoot
{
    /// <summary>Most bytes of the file; the public-good one has about seven thousand.</summary>
    public const int MaxBytes = 1024 * 1024;

    internal SigstoreRoot(
        byte[] file, IReadOnlyList<PinnedAuthority> authorities, IReadOnlyList<LogKey> certificateLogs, IReadOnlyList<LogKey> logs, IReadOnlyList<PinnedAuthority> timestamps)
    {
        Id = Convert.ToHexStringLower(SHA256.HashData(file));
        Authorities = authorities;
        CertificateLogs = certificateLogs;
        Logs = logs;
        TimestampAuthorities = timestamps;
    }

    /// <summary>SHA-256 of the file, 64 lower-case hex digits.</summary>
    public string Id { get; }

    internal IReadOnlyList<PinnedAuthority> Authorities { get; }

    internal IReadOnlyList<LogKey> CertificateLogs { get; }

    internal IReadOnlyList<LogKey> Logs { get; }

    internal IReadOnlyList<PinnedAuthority> TimestampAuthorities { get; }

    /// <param name="problem">Half a sentence that says why it is no such file, escaped.</param>
    public static bool TryRead(ReadOnlyMemory<byte> file, [NotNullWhen(true)] out SigstoreRoot? root, [NotNullWhen(false)] out string? problem)
    {
        (root, problem) = (null, null);
        try
        {
            root = file.Length > MaxBytes ? throw new FormatException("it is larger than a root file may be") : SigstoreRootReader.Read(file);
            return true;
        }
        catch (FormatException e)
        {
            problem = $"is no sigstore trusted root that counts: {UntrustedText.Escape(e.Message)}";
            return false;
        }
    }

    public override string ToString() =>
        string.Create(null, $"{Id} ({Authorities.Count} authorities, {CertificateLogs.Count} certificate logs, {Logs.Count} logs, {TimestampAuthorities.Count} timestamp authorities)");
}
