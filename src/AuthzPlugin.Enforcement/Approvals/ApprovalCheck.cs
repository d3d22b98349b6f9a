using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Trust.Pinning;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Approvals;

/// <summary>
/// Whether an approval still holds (decisions.md, "Approvals"). Asks nobody: it compares with the container, the pins in force,
/// and trust data that has been verified already.
/// </summary>
internal sealed class ApprovalCheck(ITrustData trust)
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

        if (!ImageReferenceParser.TryParseNamed($"{approval.Repository}:{approval.Tag}", out var image, out _))
        {
            return "its record is damaged";
        }

        var pin = policy.Pins.Match(image.Repository);
        if (pin is null || !Holds(pin, approval))
        {
            return $"the policy no longer pins the root key that signed {image.Repository}";
        }

        var data = await trust.PeekAsync(image.Repository, policy, cancellation).ConfigureAwait(false);
        return data?.CheckedAt > approval.ApprovedAt ? FindWithdrawal(approval, image, data) : null;
    }

    private static bool Holds(RootPin pin, Approval approval) =>
        (pin.Kind == PinKind.RootKeys ? approval.RootKeyIds : approval.RootCertificateIds).Any(pin.Ids.Contains);

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
