namespace AuthzPlugin.Trust.Sigstore;

/// <summary>Who may sign: whom the certificate names, and who vouched for that name.</summary>
/// <param name="Issuer">The OpenID Connect issuer.</param>
/// <param name="Subject">The e-mail address, URI or user name of the certificate.</param>
public sealed record KeylessIdentity(TextRule Issuer, TextRule Subject)
{
    internal bool Matches(CertificateClaims claims) => Issuer.Matches(claims.Issuer) && Subject.Matches(claims.Subject);

    /// <summary>Another text for each other identity.</summary>
    public string Key => string.Create(null, $"{Issuer.Key.Length}:{Issuer.Key} {Subject.Key}");

    public override string ToString() => $"{Subject} of {Issuer}";
}
