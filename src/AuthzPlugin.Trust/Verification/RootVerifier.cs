using AuthzPlugin.Trust.Certificates;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.Pinning;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Trust.Verification;

/// <summary>
/// The rules for a root (Notary 0.7 client, ValidateRoot; notary-v1.md 4), with two differences: the pin applies to every root, and there
/// is neither trust on first use nor pinning of CAs.
/// </summary>
internal sealed class RootVerifier(RepositoryName repository, RootPin pin, MetadataLimits limits)
{
    /// <summary>
    /// Verifies a root file, and against <paramref name="previous"/> when there is one. Time is left out, since a newer root may follow.
    /// </summary>
    internal TrustedRoot Verify(MetadataFile file, TrustedRoot? previous)
    {
        SignatureThreshold.RequireSignatures(file);
        var metadata = RootMetadata.Read(file, limits);
        var usable = UsableKeys(metadata, now: null);
        RequirePreviousRoot(file, previous);
        var pinned = PinnedKeys(usable);
        var signedBy = SignatureThreshold.ValidKeys(file, ById(usable));
        return new TrustedRoot(file, metadata, usable, signedBy, RequireOwnThreshold(metadata, signedBy, pinned));
    }

    /// <summary>
    /// The same root with those keys alone whose certificates are valid at <paramref name="now"/>. Which of them signed it is known already.
    /// </summary>
    internal TrustedRoot VerifyAt(TrustedRoot root, DateTimeOffset now)
    {
        var usable = root.UsableKeys.Where(k => k.Problem(repository, now) is null).ToList();
        if (usable.Count == 0)
        {
            // From the listed keys once more, for the words: the first problem may be that of a key which could not be read.
            usable = UsableKeys(root.Metadata, now);
        }

        var pinned = PinnedKeys(usable);
        var signedBy = usable.Select(k => k.Key.Id).Where(root.SignedBy.Contains).ToHashSet(StringComparer.Ordinal);
        return root with { UsableKeys = usable, SignedBy = signedBy, Signers = RequireOwnThreshold(root.Metadata, signedBy, pinned) };
    }

    /// <summary>Keys of the root role whose bundle may speak for the repository. The others are passed over.</summary>
    private List<RootKey> UsableKeys(RootMetadata metadata, DateTimeOffset? now)
    {
        var usable = new List<RootKey>();
        string? firstProblem = null;
        foreach (var listed in metadata.Root.Keys.Values)
        {
            var key = RootKey.TryRead(listed, limits.CertificatesPerKey, out var problem);
            var refusal = key is null ? problem : key.Problem(repository, now);
            if (refusal is null)
            {
                usable.Add(key!);
            }

            firstProblem ??= refusal is null ? null : $"key {listed.Id}: {refusal}";
        }

        return usable.Count > 0
            ? usable
            : throw new RepositoryException(
                RepositoryFault.RootCertificate,
                $"root version {metadata.Version} has no usable certificate for {repository} ({firstProblem ?? "it lists no root key"})",
                RoleName.Root.Text);
    }

    /// <summary>
    /// TUF 5.3.4: the threshold of the previous root's keys, whether the keys changed or not. Their certificates may have expired.
    /// </summary>
    private static void RequirePreviousRoot(MetadataFile file, TrustedRoot? previous)
    {
        if (previous is null)
        {
            return;
        }

        var role = previous.Metadata.Root;
        var signed = SignatureThreshold.ValidKeys(file, ById(previous.UsableKeys)).Count;
        if (signed < role.Threshold)
        {
            throw new RepositoryException(
                RepositoryFault.RootRotation,
                $"the new root is signed by {signed} of {role.Threshold} needed keys of root version {previous.Metadata.Version}",
                RoleName.Root.Text);
        }
    }

    /// <summary>Those of the keys that the pin names; at least one.</summary>
    private RootKey[] PinnedKeys(List<RootKey> usable)
    {
        var pinned = usable.Where(IsPinned).ToArray();
        return pinned.Length > 0 ? pinned : throw PinMismatch($"its root key is {usable[0].CanonicalId} (certificate {usable[0].Key.Id})");
    }

    /// <summary>TUF 5.3.5: the root's own threshold, by pinned keys alone.</summary>
    private RootKey[] RequireOwnThreshold(RootMetadata metadata, HashSet<string> signedBy, RootKey[] pinned)
    {
        var threshold = metadata.Root.Threshold;
        var signers = pinned.Where(k => signedBy.Contains(k.Key.Id)).ToArray();
        if (signers.Length >= threshold)
        {
            return signers;
        }

        if (signedBy.Count >= threshold)
        {
            throw PinMismatch($"only {signers.Length} of {threshold} needed keys that signed it are pinned");
        }

        throw new RepositoryException(
            RepositoryFault.SignatureThreshold,
            $"root version {metadata.Version} is signed by {signers.Length} of {threshold} needed pinned keys",
            RoleName.Root.Text);
    }

    private bool IsPinned(RootKey key) => pin.Ids.Contains(pin.Kind == PinKind.CertIds ? key.Key.Id : key.CanonicalId);

    private RepositoryException PinMismatch(string found) => new(
        RepositoryFault.PinMismatch,
        $"the root of {repository} is not signed by a key that the pin {UntrustedText.Escape(pin.Pattern)} names: {found}",
        RoleName.Root.Text);

    private static Dictionary<string, PublicKey> ById(IEnumerable<RootKey> keys) =>
        keys.ToDictionary(k => k.Key.Id, k => k.Key, StringComparer.Ordinal);
}
