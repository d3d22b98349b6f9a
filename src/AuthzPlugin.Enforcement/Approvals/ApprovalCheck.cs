using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Approvals;

/// <summary>
/// Whether an approval still holds (decisions.md, "Approvals"). Asks nobody: it compares with the container, the pins in force,
/// and trust data that has been verified already.
/// </summary>
internal sealed class ApprovalCheck(ITrustData trust, StandingEvidence standing)
{
    /// <summary>Null when it holds, otherwise half a sentence that says what withdrew it.</summary>
    public async Task<string?> FindObjectionAsync(
        Approval approval, EngineContainer container, EngineIdentity engine, TrustPolicy policy, CancellationToken cancellation)
    {
        if (approval.ContainerId != container.Id || approval.ImageId != container.ImageId?.ToString())
        {
            return "it is for another container or image";
        }

        if (approval.EngineId != engine.EngineId)
        {
            return "it is from another engine";
        }

        var name = approval.Tag.Length == 0 ? approval.Repository : $"{approval.Repository}:{approval.Tag}";
        if (!ImageReferenceParser.TryParseNamed(name, out var image, out _))
        {
            return "its record is damaged";
        }

        return await standing.FindObjectionAsync(
            new Standing(image.Repository, approval.Evidence, approval.RootKeyIds, approval.RootCertificateIds),
            policy,
            () => FindWithdrawalAsync(approval, image, policy, cancellation)).ConfigureAwait(false);
    }

    private async Task<string?> FindWithdrawalAsync(
        Approval approval, NamedReference image, TrustPolicy policy, CancellationToken cancellation)
    {
        var data = await trust.PeekAsync(image.Repository, policy, cancellation).ConfigureAwait(false);
        return data?.CheckedAt > approval.ApprovedAt ? FindWithdrawal(approval, image, data) : null;
    }

    /// <summary>A tag that merely moved on does not matter: yesterday's release may be restarted.</summary>
    private static string? FindWithdrawal(Approval approval, NamedReference image, SignedRepository data)
    {
        if (!data.Tags.MaySign(approval.Role, approval.SignerKeyIds))
        {
            return $"the owner withdrew a key that signed {image.Repository}:{approval.Tag}";
        }

        return data.Tags.FindTag(approval.Tag) is null
            && (!Digest.TryParse(approval.SignedDigest, out var digest) || data.Tags.FindDigest(digest).Count == 0)
                ? $"the owner withdrew {image.Repository}:{approval.Tag}"
                : null;
    }
}
