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
            RepositoryFault.RootRotation => (ReasonCode.RootRotation, $"ask the owner; after a lost root key see content-trust cache forget {trail.Repository}"),
            RepositoryFault.Expired => (ReasonCode.Expired, "ask the owner to sign again"),
            RepositoryFault.Rollback => (ReasonCode.RolledBack, $"ask the owner; after a restored trust server see content-trust cache forget {trail.Repository}"),
            RepositoryFault.SignatureThreshold => (ReasonCode.BadSignature, "ask the owner, the data may have been tampered with"),
            RepositoryFault.ChecksumMismatch or RepositoryFault.MissingMetadata or RepositoryFault.InvalidKeyId =>
                (ReasonCode.Inconsistent, "try again, then ask the owner of the trust server"),
            _ => (ReasonCode.Malformed, "ask the owner of the trust server"),
        };
        return trail.Refuse(reason, $"{Subject(trail)} is not trusted: {UntrustedText.Escape(error.Message)}; {step}");
    }

    private static Decision Transport(TransportException error, Trail trail)
    {
        trail.Unknown("trust-server", UntrustedText.Escape(error.Message));
        var message = UntrustedText.Escape(error.Message);
        return error.Fault == TransportFault.LoginNeeded
            ? trail.Undecided(ReasonCode.LoginNeeded, $"{Subject(trail)} could not be decided: {message}")
            : trail.Undecided(
                error.Fault == TransportFault.TimedOut ? ReasonCode.TimedOut : ReasonCode.TrustServerUnreachable,
                $"{message} and no usable trust data is cached for {trail.Repository}; try again, or see content-trust status");
    }

    private static Decision Engine(EngineException error, Trail trail)
    {
        var message = UntrustedText.Escape(error.Message);
        trail.Unknown(error.Fault is EngineFault.RegistryLoginNeeded or EngineFault.RegistryUnreachable ? "registry" : "engine", message);
        return error.Fault switch
        {
            EngineFault.RegistryLoginNeeded => trail.Undecided(ReasonCode.LoginNeeded, LoginHint($"the registry of {Subject(trail)}")),
            EngineFault.RegistryUnreachable => trail.Undecided(
                ReasonCode.RegistryUnreachable, $"{Subject(trail)} could not be decided: {message}; try again"),
            EngineFault.Unreachable => trail.Undecided(
                ReasonCode.EngineUnreachable, $"{Subject(trail)} could not be decided: {message}; see content-trust status"),
            _ => trail.Undecided(ReasonCode.EngineUnclear, $"{Subject(trail)} could not be decided: {message}; see content-trust status"),
        };
    }

    /// <summary>Users' own logins are never visible to plugins (engine-authz.md 1.3), so the admin must configure one.</summary>
    private static string LoginHint(string who) =>
        $"{who} asks for a login and the plugin has none (users' logins are not visible to plugins); "
        + "add one to /etc/content-trust/docker-config.json";

    /// <summary>An image id cannot be signed, only a tag can.</summary>
    private static string SignHint(Trail trail) => trail.Tag is { } tag
        ? $"sign it with docker trust sign {trail.Repository}:{tag}"
        : $"sign a tag of {trail.Repository} with docker trust sign";

    private static string Subject(Trail trail) => trail.Image.Length > 0 ? UntrustedText.Escape(trail.Image) : "the image";
}
