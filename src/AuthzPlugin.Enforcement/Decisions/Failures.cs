using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.Decisions;

/// <summary>
/// The one place where errors become decisions: evidence against the data is refused, evidence that could not be had is undecided.
/// </summary>
internal static class Failures
{
    /// <summary>Whether this error says something about the evidence; others are faults of this program and pass through.</summary>
    public static bool IsKnown(Exception error) => error is TrustException or EngineException;

    public static Decision ToDecision(Exception error, Trail trail) => error switch
    {
        RepositoryException e => Repository(e, trail),
        TransportException e => Transport(e, trail),
        EngineException e => Engine(e, trail),
        _ => throw new ArgumentException("not an error about evidence", nameof(error), error),
    };

    private static Decision Repository(RepositoryException error, Trail trail)
    {
        trail.Failed(error.Role ?? "trust-data", UntrustedText.Escape(error.Message));
        var (reason, step) = error.Fault switch
        {
            RepositoryFault.NotFound => (ReasonCode.NoTrustData, SignHint(trail)),
            RepositoryFault.PinMismatch => (ReasonCode.WrongRootKey, "compare the key with its owner before you change trust-pinning in daemon.json"),
            RepositoryFault.RootCertificate => (ReasonCode.RootCertificate, "ask the owner to re-issue the root certificate"),
            RepositoryFault.RootRotation => (ReasonCode.RootRotation, Anew(trail)),
            RepositoryFault.Expired => (ReasonCode.Expired, "ask the owner to sign again"),
            RepositoryFault.Rollback => (ReasonCode.RolledBack, Anew(trail)),
            RepositoryFault.SignatureThreshold when IsDelegation(error.Role) => (ReasonCode.BadSignature, SignerHint(error.Role!, trail)),
            RepositoryFault.SignatureThreshold or RepositoryFault.Unsigned => (ReasonCode.BadSignature, "ask the owner, the data may have been tampered with"),
            RepositoryFault.ChecksumMismatch or RepositoryFault.MissingMetadata or RepositoryFault.InvalidKeyId =>
                (ReasonCode.Inconsistent, "try again, then ask the owner of the trust server"),
            _ => (ReasonCode.Malformed, "ask the owner of the trust server"),
        };
        return trail.Refuse(reason, $"{Subject(trail)} is not trusted: {UntrustedText.Escape(error.Message)}; {step}");
    }

    private static Decision Transport(TransportException error, Trail trail)
    {
        var message = UntrustedText.Escape(error.Message);
        trail.Unknown("trust-server", message);
        return error.Fault switch
        {
            TransportFault.LoginNeeded => Login(message, trail),
            TransportFault.TokenFlow => trail.Undecided(
                ReasonCode.TrustServerUnreachable, $"{message}; see token-realms in the settings, or ask whoever runs the trust server"),
            TransportFault.Tls => trail.Undecided(
                ReasonCode.TrustServerUnreachable, $"{message}; check the certificate of the trust server, or put its CA into /etc/docker/certs.d"),
            TransportFault.TimedOut => trail.Undecided(ReasonCode.TimedOut, $"{message}; try again, or see content-trust status"),
            _ => trail.Undecided(ReasonCode.TrustServerUnreachable, $"{message}; try again, or see content-trust status"),
        };
    }

    /// <summary>For a registry that was asked for signatures.</summary>
    public static Decision OfRegistry(TransportException error, Trail trail)
    {
        var message = UntrustedText.Escape(error.Message);
        trail.Unknown("registry", message);
        return error.Fault switch
        {
            TransportFault.LoginNeeded => Login(message, trail),
            TransportFault.TokenFlow => trail.Undecided(
                ReasonCode.RegistryUnreachable, $"{message}; see token-realms in the settings, or ask whoever runs the registry"),
            TransportFault.Tls => trail.Undecided(
                ReasonCode.RegistryUnreachable, $"{message}; check the certificate of the registry, or put its CA into /etc/docker/certs.d"),
            TransportFault.TimedOut => trail.Undecided(ReasonCode.TimedOut, $"{Subject(trail)} could not be decided: {message}; try again"),
            _ => trail.Undecided(ReasonCode.RegistryUnreachable, $"{Subject(trail)} could not be decided: {message}; try again"),
        };
    }

    private static Decision Login(string message, Trail trail) => trail.Undecided(
        ReasonCode.LoginNeeded,
        $"{Subject(trail)} could not be decided: {message}{(message.Contains("; ", StringComparison.Ordinal) ? "" : "; correct that login")}");

    private static Decision Engine(EngineException error, Trail trail)
    {
        var message = UntrustedText.Escape(error.Message);
        trail.Unknown(error.Fault is EngineFault.RegistryLoginNeeded or EngineFault.RegistryUnreachable ? "registry" : "engine", message);
        return error.Fault switch
        {
            EngineFault.RegistryLoginNeeded => trail.Undecided(ReasonCode.LoginNeeded, $"the registry of {Subject(trail)} {message}"),
            EngineFault.RegistryUnreachable => trail.Undecided(
                ReasonCode.RegistryUnreachable, $"{Subject(trail)} could not be decided: {message}; try again"),
            EngineFault.Unreachable => trail.Undecided(
                ReasonCode.EngineUnreachable, $"{Subject(trail)} could not be decided: {message}; see content-trust status"),
            _ => trail.Undecided(ReasonCode.EngineUnclear, $"{Subject(trail)} could not be decided: {message}; see content-trust status"),
        };
    }

    /// <summary>Nobody but the owner can say whether older data is an attack or a new beginning.</summary>
    private static string Anew(Trail trail) =>
        $"if its owner says that they started anew, and only then, run content-trust cache forget {trail.Repository}";

    private static bool IsDelegation(string? role) => role?.StartsWith("targets/", StringComparison.Ordinal) == true;

    /// <summary>
    /// <c>docker trust signer remove</c> leaves the role with the removed signer's signature alone, and without any key when it was the
    /// last signer. The Docker CLI passes over such a role; here <c>targets/releases</c> is refused (decisions.md, "References").
    /// </summary>
    private static string SignerHint(string role, Trail trail) =>
        $"if the owner removed a signer, another signer must sign again, or the owner run notary delegation remove {trail.Repository} {role} "
        + "--publish; if not, the data may have been tampered with";

    /// <summary>An image id cannot be signed, only a tag can.</summary>
    private static string SignHint(Trail trail) => trail.Tag is { } tag
        ? $"sign it with docker trust sign {trail.Repository}:{tag}"
        : $"sign a tag of {trail.Repository} with docker trust sign";

    private static string Subject(Trail trail) => trail.Image.Length > 0 ? UntrustedText.Escape(trail.Image) : "the image";
}
