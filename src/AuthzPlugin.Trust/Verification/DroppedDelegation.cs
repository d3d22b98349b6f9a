using AuthzPlugin.Trust.Metadata;

namespace AuthzPlugin.Trust.Verification;

/// <summary>
/// A delegation whose file is expired or under-signed, so that it and everything below it says nothing
/// (Notary 0.7 client; never <c>targets/releases</c>, which is refused instead).
/// </summary>
/// <param name="Reason">Half a sentence for a person.</param>
public sealed record DroppedDelegation(RoleName Role, string Reason);
