using AuthzPlugin.Trust.Notation.Revocation;

namespace AuthzPlugin.Trust.Notation;

/// <summary>
/// The checks of a good signature that a trust policy can enforce or log: who signed, expiry, the time of signing, revocation. One object, one
/// signature; not thread-safe.
/// </summary>
internal sealed class TrustChecks(
    NotationEnvelope envelope, SignedAttributes attributes, IReadOnlyList<NotationCertificate> chain, NotationTrust trust, DateTimeOffset now)
{
    /// <summary>How far in the future a trusted time may lie.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    private readonly NotationStatement _statement = trust.Statement;
    private readonly List<string> _logged = [];
    private readonly List<RevocationQuestion> _questions = [];
    private DateTimeOffset? _until;
    private DateTimeOffset? _trustedTime;
    private string? _unknownTime;

    /// <summary>The verdict by what is known, and what else could be asked about revocation.</summary>
    internal NotationFinding Judge()
    {
        var finding = FindVerdict();
        return _questions.Count == 0 ? finding : finding with { Questions = _questions };
    }

    private NotationFinding FindVerdict()
    {
        var kind = attributes.Scheme == SigningScheme.X509 ? NotationStoreKind.Authority : NotationStoreKind.SigningAuthority;
        var (store, anchor) = trust.Anchors(kind).FirstOrDefault(a => chain.Contains(a.Certificate));
        if (anchor is null)
        {
            return NotationFinding.Invalid(
                NotationFault.Untrusted, $"was made by {chain[0]}, and leads to no certificate of the trust stores that count for it");
        }

        return FindIdentityFault() ?? FindExpiryFault() ?? FindTimeFault() ?? FindRevocationFault() ?? FindAgeFault()
            ?? NotationFinding.Valid(
                anchor, chain[0].ToString(), _until, $"was made by {chain[0]} of {store}{string.Concat(_logged.Select(l => "; only logged: " + l))}");
    }

    private NotationFinding? FindIdentityFault()
    {
        var subject = chain[0].Subject;
        return _statement.Identities.Count == 0 || (subject.IsComparable && _statement.Subjects.Any(s => s.IsSubsetOf(subject)))
            ? null
            : NotationFinding.Invalid(NotationFault.WrongIdentity, $"was made by {chain[0]}, whom the trust policy does not name");
    }

    private NotationFinding? FindExpiryFault()
    {
        if (attributes.Expiry is not { } end)
        {
            return null;
        }

        if (now >= end)
        {
            return Fail(_statement.Expiry, NotationFault.Expired, $"it expired at {end:u}");
        }

        EndAt(_statement.Expiry == NotationAction.Enforce ? end : null);
        return null;
    }

    private NotationFinding? FindTimeFault() => attributes.Scheme == SigningScheme.X509 ? FindTimestampFault() : FindAuthorityTimeFault();

    private NotationFinding? FindAuthorityTimeFault()
    {
        _trustedTime = attributes.SigningTime;
        return chain.FirstOrDefault(c => attributes.SigningTime < c.NotBefore || attributes.SigningTime > c.NotAfter) is { } other
            ? Fail(_statement.AuthenticTimestamp, NotationFault.Untimely, $"the certificate of {other} was not valid when it was made")
            : null;
    }

    private NotationFinding? FindTimestampFault()
    {
        var roots = trust.Anchors(NotationStoreKind.Timestamps).Select(a => a.Certificate).ToList();
        var hasStore = _statement.Stores.Any(s => s.Kind == NotationStoreKind.Timestamps);
        var isNeeded = hasStore && (!_statement.TimestampsAfterExpiryOnly || chain.Any(c => now > c.NotAfter));
        if (isNeeded)
        {
            return FindCountersignatureFault(roots);
        }

        if (trust.MaxAge is not null && hasStore)
        {
            var result = Countersignature(roots);
            _trustedTime = result.Info?.Lower;
            _unknownTime = result.IsUnknown ? result.Problem : null;
            EndAt(result.Until);
        }

        return FindValidityFault();
    }

    private NotationFinding? FindCountersignatureFault(List<NotationCertificate> roots)
    {
        var result = Countersignature(roots);
        if (result.Info is not { } info)
        {
            _unknownTime = result.IsUnknown ? result.Problem : null;
            return Fail(_statement.AuthenticTimestamp, NotationFault.Untimely, result.Problem, result.IsUnknown);
        }

        _trustedTime = info.Lower;
        EndAt(_statement.AuthenticTimestamp == NotationAction.Enforce || trust.MaxAge is not null ? result.Until : null);
        return chain.FirstOrDefault(c => info.Lower < c.NotBefore || info.Upper > c.NotAfter) is { } other
            ? Fail(_statement.AuthenticTimestamp, NotationFault.Untimely, $"the certificate of {other} was not valid at the time of its timestamp")
            : null;
    }

    private TimestampResult Countersignature(List<NotationCertificate> roots) =>
        new TimestampVerifier(trust.Revocation, _questions, now).Verify(envelope.Timestamp, envelope.Signature, roots);

    // Without a time that can be trusted every certificate must be valid now.
    private NotationFinding? FindValidityFault()
    {
        foreach (var certificate in chain)
        {
            if (now < certificate.NotBefore || now > certificate.NotAfter)
            {
                return Fail(
                    _statement.AuthenticTimestamp,
                    NotationFault.Untimely,
                    now < certificate.NotBefore
                        ? $"the certificate of {certificate} is not valid before {certificate.NotBefore:u}"
                        : $"the certificate of {certificate} expired at {certificate.NotAfter:u}");
            }
        }

        EndAt(_statement.AuthenticTimestamp == NotationAction.Enforce ? chain.Min(c => c.NotAfter) : null);
        return null;
    }

    private NotationFinding? FindRevocationFault()
    {
        if (_statement.Revocation == NotationAction.Skip)
        {
            return null;
        }

        if (trust.Revocation.FindProblem(chain, now, _questions, out var until) is { } problem)
        {
            return Fail(_statement.Revocation, NotationFault.Revoked, problem.Text, problem.IsUnknown);
        }

        EndAt(_statement.Revocation == NotationAction.Enforce ? until : null);
        return null;
    }

    private NotationFinding? FindAgeFault()
    {
        if (trust.MaxAge is not { } most)
        {
            return null;
        }

        if (_trustedTime is not { } made)
        {
            var why = _unknownTime is null ? "" : $" ({_unknownTime})";
            var finding = NotationFinding.Invalid(
                NotationFault.TooOld, $"has no time of signing that can be trusted{why}, and the policy has a max-signature-age");
            return finding with { MayBeRevoked = _unknownTime is not null };
        }

        if (now - made >= most || made - now > ClockSkew)
        {
            return NotationFinding.Invalid(NotationFault.TooOld, $"was made at {made:u}, which the policy's max-signature-age does not allow");
        }

        EndAt(made + most);
        return null;
    }

    private NotationFinding? Fail(NotationAction action, NotationFault fault, string problem, bool mayBeRevoked = false)
    {
        if (action == NotationAction.Enforce)
        {
            return NotationFinding.Invalid(fault, $"was made by {chain[0]}, and {problem}") with { MayBeRevoked = mayBeRevoked };
        }

        _logged.Add(problem);
        return null;
    }

    private void EndAt(DateTimeOffset? end)
    {
        if (end is { } known && !(_until <= known))
        {
            _until = known;
        }
    }
}
