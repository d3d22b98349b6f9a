using System.Globalization;
using System.Text;
using AuthzPlugin.Trust.Certificates;

namespace AuthzPlugin.Trust.Sigstore;

/// <summary>An entry that a pinned log vouches for and that speaks of the signature.</summary>
/// <param name="Time">When the log took it in, where the log signed that.</param>
internal sealed record VerifiedEntry(LogKey Log, LogEntry Entry, DateTimeOffset? Time);

/// <summary>Whether a pinned log has an entry: by its signed promise, by an inclusion proof to its signed checkpoint; what is there must be good.</summary>
internal static class LogEntryVerifier
{
    /// <summary>The entry verified, or why it is not; both null when the entry is of a log that is not pinned.</summary>
    /// <param name="times">What timestamp authorities attest; the log must have been pinned then, unless its entry has a time of its own.</param>
    /// <exception cref="FormatException">The entry is malformed.</exception>
    internal static (VerifiedEntry? Entry, string? Fault) Verify(
        LogEntry entry, SignedContent content, DerCertificate certificate, IReadOnlyList<LogKey> logs, IReadOnlyList<DateTimeOffset> times)
    {
        string? fault = null;
        foreach (var log in logs.Where(l => l.Id.AsSpan().SequenceEqual(entry.LogId)))
        {
            fault = FindFault(entry, log) ?? LogEntryBody.FindFault(entry, content, certificate);
            DateTimeOffset? time = fault is null && entry is { Promise: not null, IntegratedTime: { } seconds } ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
            if (fault is null && (time is { } own ? log.Window.Contains(own) : times.All(log.Window.Contains)))
            {
                return (new VerifiedEntry(log, entry, time), null);
            }

            fault ??= $"is of a time at which the root file does not trust the log {log.IdText}";
        }

        return (null, fault is null ? null : $"its log entry {fault}");
    }

    private static string? FindFault(LogEntry entry, LogKey log)
    {
        if (entry.Promise is null && entry.Proof is null)
        {
            return "has neither a promise nor an inclusion proof";
        }

        return (entry.Promise is { } promise ? FindPromiseFault(entry, promise, log) : null)
            ?? (entry.Proof is { } proof ? FindProofFault(entry.Body, proof, log) : null);
    }

    private static string? FindPromiseFault(LogEntry entry, byte[] promise, LogKey log)
    {
        if (entry.IntegratedTime is not { } time || time < 0 || time > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
        {
            return "has a promise and no time";
        }

        // Canonical JSON (RFC 8785); base64, numbers and hex digits need no escapes.
        var signed = Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"body\":\"{Convert.ToBase64String(entry.Body)}\",\"integratedTime\":{time},\"logID\":\"{log.IdText}\",\"logIndex\":{entry.LogIndex}}}"));
        return log.Key.Verify(signed, promise) ? null : $"has a promise that the log {log.IdText} did not sign";
    }

    private static string? FindProofFault(byte[] body, InclusionProof proof, LogKey log)
    {
        if (Checkpoint.Open(proof.Checkpoint, log) is not { } checkpoint)
        {
            return $"has a checkpoint that the log {log.IdText} did not sign";
        }

        var root = MerkleTree.RootOf(proof.LogIndex, checkpoint.Size, MerkleTree.HashLeaf(body), proof.Hashes);
        return proof.TreeSize == checkpoint.Size
            && (proof.RootHash is not { } stated || stated.AsSpan().SequenceEqual(checkpoint.RootHash))
            && root is not null
            && root.AsSpan().SequenceEqual(checkpoint.RootHash)
            ? null
            : "has an inclusion proof that does not lead to the checkpoint";
    }
}
