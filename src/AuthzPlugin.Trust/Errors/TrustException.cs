namespace AuthzPlugin.Trust.Errors;

/// <summary>
/// Why trust data did not lead to a signed digest. One tree, split by whose fault it is (as python-tuf does):
/// <see cref="RepositoryException"/> is evidence against the data (the decision is <i>refused</i>);
/// <see cref="TransportException"/> means the evidence could not be had (<i>undecided</i>, or cached data answers).
/// The message is half a sentence, lower case, without a final period, fit for a user.
/// </summary>
public abstract class TrustException : Exception
{
    private protected TrustException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}

/// <summary>The data of a repository breaks a rule. Never retried with older or other data than the rules allow.</summary>
public sealed class RepositoryException : TrustException
{
    public RepositoryException(RepositoryFault fault, string message, string? role = null, Exception? inner = null)
        : base(message, inner)
    {
        Fault = fault;
        Role = role;
    }

    /// <summary>Which rule was broken.</summary>
    public RepositoryFault Fault { get; }

    /// <summary>The role whose metadata broke it (<c>root</c>, <c>targets/releases</c>, …) when one did.</summary>
    public string? Role { get; }
}

/// <summary>The trust server could not be asked, or did not answer as a trust server does.</summary>
public sealed class TransportException : TrustException
{
    public TransportException(TransportFault fault, string message, Exception? inner = null)
        : base(message, inner) => Fault = fault;

    public TransportFault Fault { get; }
}

/// <summary>The rules that repository data can break.</summary>
public enum RepositoryFault
{
    /// <summary>Not JSON, not this dialect, a duplicate key, a wrong type, too deep, too many entries.</summary>
    Malformed,

    /// <summary>Larger than the limit of its role, or than the length its parent signed.</summary>
    TooLarge,

    /// <summary>A hash did not match the one its parent signed, or the parent names none we know.</summary>
    ChecksumMismatch,

    /// <summary>A parent does not list the metadata that was needed.</summary>
    MissingMetadata,

    /// <summary>Fewer valid signatures than the role's threshold.</summary>
    SignatureThreshold,

    /// <summary>No signatures at all. For a delegation this is worse than too few: nothing was even meant to be signed.</summary>
    Unsigned,

    /// <summary>A key is listed under an id that is not its own.</summary>
    InvalidKeyId,

    /// <summary>Expired metadata.</summary>
    Expired,

    /// <summary>A version lower than one already verified.</summary>
    Rollback,

    /// <summary>A new root is not signed by the previous one.</summary>
    RootRotation,

    /// <summary>No usable root certificate: wrong name, expired, weak, or a malformed bundle.</summary>
    RootCertificate,

    /// <summary>The root is not signed by a pinned key.</summary>
    PinMismatch,

    /// <summary>The server says that it has no trust data for the repository (404 for root or timestamp).</summary>
    NotFound,
}

/// <summary>The ways asking a trust server fails.</summary>
public enum TransportFault
{
    /// <summary>Connection refused or reset, DNS failure.</summary>
    Unreachable,

    /// <summary>No answer within the budget.</summary>
    TimedOut,

    /// <summary>TLS handshake or certificate failure.</summary>
    Tls,

    /// <summary>5xx.</summary>
    ServerError,

    /// <summary>429.</summary>
    TooManyRequests,

    /// <summary>401 or 403 after the token flow: a login is needed.</summary>
    LoginNeeded,

    /// <summary>The token server refused, is not allowed as a realm, or answered nonsense.</summary>
    TokenFlow,

    /// <summary>Redirect, unexpected status, broken HTTP.</summary>
    Protocol,
}
