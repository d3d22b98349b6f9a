namespace AuthzPlugin.Enforcement.Policy;

/// <summary>What reading the policy gave: a policy, or every problem at once; never both.</summary>
/// <param name="Policy">
/// Null exactly when there are problems. Without a stanza anywhere it is <see cref="TrustPolicy.WithoutStanza"/>.
/// </param>
/// <param name="Warnings">Legal, but worth knowing; present with and without problems.</param>
/// <param name="StanzaSeen">
/// A stanza was there, or what was there cannot be read well enough to say that there was none.
/// After such a result an absent stanza is a loss, not an administrator who never had one.
/// </param>
public sealed record PolicyLoadResult(
    TrustPolicy? Policy,
    IReadOnlyList<PolicyProblem> Problems,
    IReadOnlyList<PolicyProblem> Warnings,
    bool StanzaSeen);
