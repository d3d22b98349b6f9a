using System.Collections.Frozen;

namespace AuthzPlugin.Trust.Pinning;

/// <summary>How the ids of a pin identify a root key.</summary>
public enum PinKind
{
    /// <summary>Canonical key ids (<c>trust-pinning.root-keys</c>): of the public key itself, so they survive certificate re-issue.</summary>
    RootKeys,

    /// <summary>Ids of the root certificate bundle (<c>trust-pinning.cert-ids</c>): what <c>docker trust inspect</c> shows as root key.</summary>
    CertIds,
}

/// <summary>
/// One entry of the policy: which root keys may speak for the repositories that <paramref name="Pattern"/> covers.
/// A trailing <c>*</c> is the only wildcard. Ids are 64 lower-case hex digits.
/// </summary>
public sealed record RootPin(string Pattern, PinKind Kind, FrozenSet<string> Ids)
{
    /// <summary>Whether the pattern ends in the wildcard.</summary>
    public bool IsWildcard => Pattern.EndsWith('*');
}
