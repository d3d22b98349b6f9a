using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Trust.Pinning;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Approvals;

/// <summary>What an earlier decision rested on. No evidence in the list: on Notary v1 alone.</summary>
internal sealed record Standing(
    RepositoryName Repository,
    IReadOnlyList<Evidence>? Evidence,
    IReadOnlyList<string> RootKeyIds,
    IReadOnlyList<string> RootCertificateIds);

/// <summary>Whether what once spoke for an image is still what the policy asks for. Asks nobody.</summary>
internal sealed class StandingEvidence(TimeProvider time)
{
    /// <summary>Null when it is, otherwise half a sentence that says what ended it.</summary>
    /// <param name="findWithdrawal">What the owner withdrew in Notary v1 since, or null.</param>
    public async Task<string?> FindObjectionAsync(Standing standing, TrustPolicy policy, Func<Task<string?>> findWithdrawal)
    {
        var entry = policy.Signatures.Match(standing.Repository);
        if (entry is null)
        {
            return await FindNotaryObjectionAsync(standing, policy, findWithdrawal).ConfigureAwait(false);
        }

        string? first = null;
        var kinds = entry.Counting(time.GetUtcNow());
        foreach (var kind in kinds)
        {
            var objection = entry.DemandOf(kind) is { } demand
                ? FindObjection(standing, demand)
                : await FindNotaryObjectionAsync(standing, policy, findWithdrawal).ConfigureAwait(false);
            if ((objection is null) == (entry.Require == EvidenceRule.Any))
            {
                // The first that holds is enough for any, the first that does not is enough against all.
                return objection;
            }

            first ??= objection;
        }

        return kinds.Count == 0 ? $"no kind of signature counts any more for {standing.Repository}" : first;
    }

    private static async Task<string?> FindNotaryObjectionAsync(Standing standing, TrustPolicy policy, Func<Task<string?>> findWithdrawal)
    {
        if (standing.Evidence is { Count: > 0 } && Of(standing, EvidenceKind.NotaryV1) is null)
        {
            return $"the policy asks for Notary v1 trust data of {standing.Repository} now";
        }

        var pin = policy.Pins.Match(standing.Repository);
        return pin is null || !(pin.Kind == PinKind.RootKeys ? standing.RootKeyIds : standing.RootCertificateIds).Any(pin.Ids.Contains)
            ? $"the policy no longer pins the root key that signed {standing.Repository}"
            : await findWithdrawal().ConfigureAwait(false);
    }

    private string? FindObjection(Standing standing, SignatureDemand demand) => Of(standing, demand.Kind) is { } evidence
        ? demand.FindObjection(evidence, standing.Repository, time.GetUtcNow())
        : $"the policy asks for {demand.Kind.ToText()} signatures of {standing.Repository} now";

    private static Evidence? Of(Standing standing, EvidenceKind kind) =>
        standing.Evidence?.FirstOrDefault(e => e.Kind == kind.ToText());
}
