namespace AuthzPlugin.Trust.Notation;

/// <summary>How a signature tells when it was made (Notary Project, signing-scheme.md).</summary>
internal enum SigningScheme
{
    /// <summary><c>notary.x509</c>: the signer's own word, which proves nothing; a timestamp countersignature may.</summary>
    X509,

    /// <summary><c>notary.x509.signingAuthority</c>: the word of an authority that signs for others.</summary>
    SigningAuthority,
}

/// <summary>What the signer says beside the payload (signature-specification.md, "Signed Attributes").</summary>
/// <param name="Algorithm">As JWS names it: <c>PS256</c>, …</param>
/// <param name="SigningTime">By the scheme: only the one of a signing authority is trusted.</param>
internal sealed record SignedAttributes(string Algorithm, SigningScheme Scheme, DateTimeOffset SigningTime, DateTimeOffset? Expiry)
{
    internal const string SchemeName = "io.cncf.notary.signingScheme";
    internal const string SigningTimeName = "io.cncf.notary.signingTime";
    internal const string AuthenticSigningTimeName = "io.cncf.notary.authenticSigningTime";
    internal const string ExpiryName = "io.cncf.notary.expiry";
    internal const string PluginName = "io.cncf.notary.verificationPlugin";
    internal const string PluginVersionName = "io.cncf.notary.verificationPluginMinVersion";

    private const string ContentType = "application/vnd.cncf.notary.payload.v1+json";

    /// <summary>
    /// The attributes, or why they do not count: an unknown critical one, one that asks for a plugin (there are none here), or one that the
    /// scheme demands and that is missing, not critical, or of the other scheme.
    /// </summary>
    internal static SignedAttributes? Check(HeaderValues values, out NotationFinding? fault)
    {
        fault = FindFault(values);
        return fault is null
            ? new SignedAttributes(
                values.Algorithm,
                values.Scheme == "notary.x509" ? SigningScheme.X509 : SigningScheme.SigningAuthority,
                (values.SigningTime ?? values.AuthenticSigningTime)!.Value,
                values.Expiry)
            : null;
    }

    private static NotationFinding? FindFault(HeaderValues values)
    {
        if (values.Names.FirstOrDefault(n => n is PluginName or PluginVersionName) is not null)
        {
            return NotationFinding.Invalid(NotationFault.NeedsPlugin, "asks for a verification plugin, and content-trust has none");
        }

        if (values.Critical.FirstOrDefault(c => c is not (SchemeName or ExpiryName or AuthenticSigningTimeName)) is { } unknown)
        {
            return NotationFinding.Invalid(NotationFault.UnknownCritical, $"has the unknown critical attribute {unknown}");
        }

        return FindShapeFault(values) is { } shape ? NotationFinding.Invalid(NotationFault.Malformed, shape) : null;
    }

    private static string? FindShapeFault(HeaderValues values) => values switch
    {
        { ContentType: not ContentType } => $"is malformed: its payload is of the type {values.ContentType}",
        { Scheme: not ("notary.x509" or "notary.x509.signingAuthority") } => $"is malformed: its signing scheme is {values.Scheme}",
        { Scheme: "notary.x509", SigningTime: null } or { Scheme: "notary.x509", AuthenticSigningTime: not null } =>
            "is malformed: it does not have the signing time of its scheme alone",
        { Scheme: "notary.x509.signingAuthority", AuthenticSigningTime: null } or { Scheme: "notary.x509.signingAuthority", SigningTime: not null } =>
            "is malformed: it does not have the signing time of its scheme alone",
        _ when values.Critical.Distinct(StringComparer.Ordinal).Count() != values.Critical.Count => "is malformed: it names a critical attribute twice",
        _ when MustBeCritical(values).FirstOrDefault(n => !values.Critical.Contains(n)) is { } name => $"is malformed: {name} is not critical",
        _ when values.Critical.FirstOrDefault(n => !values.Names.Contains(n)) is { } name => $"is malformed: it has no {name}, which is critical",
        { Expiry: { } end } when end <= (values.SigningTime ?? values.AuthenticSigningTime) => "is malformed: it expires before it was made",
        _ => null,
    };

    private static IEnumerable<string> MustBeCritical(HeaderValues values)
    {
        yield return SchemeName;
        if (values.AuthenticSigningTime is not null)
        {
            yield return AuthenticSigningTimeName;
        }

        if (values.Expiry is not null)
        {
            yield return ExpiryName;
        }
    }
}

/// <summary>The protected headers of either format, read and not judged.</summary>
/// <param name="Names">All headers; integer labels of COSE as <c>label 5</c>.</param>
internal sealed record HeaderValues(
    string Algorithm,
    string? ContentType,
    string? Scheme,
    DateTimeOffset? SigningTime,
    DateTimeOffset? AuthenticSigningTime,
    DateTimeOffset? Expiry,
    IReadOnlyList<string> Critical,
    IReadOnlySet<string> Names)
{
    /// <exception cref="FormatException">They are not of the format.</exception>
    internal static HeaderValues Read(NotationFormat format, ReadOnlyMemory<byte> bytes) =>
        format == NotationFormat.Jws ? JwsHeaders.Read(bytes) : CoseHeaders.Read(bytes);
}
