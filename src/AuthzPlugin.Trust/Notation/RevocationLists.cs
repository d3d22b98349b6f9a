namespace AuthzPlugin.Trust.Notation;

/// <summary>
/// What is known of revoked certificates. A certificate that names neither a list nor an OCSP responder cannot be revoked
/// (trust-store-trust-policy.md, "Certificate Revocation Evaluation"); every other one needs a list of its issuer that is not out of date. Dates
/// of invalidity are not read: what is listed is revoked, whenever a signature was made.
/// </summary>
public sealed class RevocationLists(IReadOnlyList<RevocationList> lists)
{
    /// <summary>How far the clock of an authority may be ahead.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    public IReadOnlyList<RevocationList> All => lists;

    /// <summary>
    /// What keeps a chain from being known as not revoked, as half a sentence; null when nothing does. <paramref name="until"/> is when the first
    /// of the lists that it rests on is out of date.
    /// </summary>
    internal static string? FindProblem(RevocationLists? known, IReadOnlyList<NotationCertificate> chain, DateTimeOffset now, out DateTimeOffset? until)
    {
        until = null;
        for (var i = 0; i + 1 < chain.Count; i++)
        {
            if (!chain[i].Extensions.NamesRevocation)
            {
                continue;
            }

            var own = (known?.All ?? []).Where(l => l.IsBy(chain[i + 1]) && l.From <= now + ClockSkew).ToArray();
            if (Array.Exists(own, l => l.Lists(chain[i])))
            {
                return $"the certificate of {chain[i]} was revoked";
            }

            if (own.Where(l => now < l.Until).Select(l => (DateTimeOffset?)l.Until).Max() is not { } end)
            {
                return $"there is no current list of revoked certificates of {chain[i + 1]}, so that the certificate of {chain[i]} may be revoked";
            }

            until = until < end ? until : end;
        }

        return null;
    }
}
