using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Decisions;

/// <summary>This host's logins for registries.</summary>
/// <param name="File">Where they stand, for messages.</param>
/// <param name="FindAsync">Value of X-Registry-Auth for a registry host, or null when no login is configured.</param>
public sealed record RegistryAuthSource(string File, Func<string, CancellationToken, Task<string?>> FindAsync);

/// <summary>
/// Decides pulls. For a tag the registry must serve the signed digest now; it may lie about that, so this only spares the user
/// a useless pull: the guarantee is at create and start.
/// </summary>
internal sealed class PullDecider(TagDecider tags, ContentDecider contents, EngineClient engine, RegistryAuthSource registryAuth)
{
    public async Task<Decision> DecideAsync(NamedReference image, TrustPolicy policy, CancellationToken cancellation)
    {
        var trail = new Trail(image.ToString());
        try
        {
            if (contents.EntryOf(image.Repository, policy, trail) is { } entry)
            {
                return await contents.DecidePullAsync(image, entry, policy, trail, cancellation).ConfigureAwait(false);
            }

            return await tags.ResolveAsync(image, policy, trail, cancellation).ConfigureAwait(false)
                ?? await CompareWithRegistryAsync(image, trail, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (Failures.IsKnown(e))
        {
            return Failures.ToDecision(e, trail);
        }
    }

    private async Task<Decision> CompareWithRegistryAsync(NamedReference image, Trail trail, CancellationToken cancellation)
    {
        var signed = trail.Signed!.Digest;
        if (image.Digest is not null)
        {
            return trail.Trust($"{image} is signed as {image.Repository}:{trail.Signed.Tag}");
        }

        var tagged = image.WithTag(image.EffectiveTag);
        var served = await ServedAsync(tagged, cancellation).ConfigureAwait(false);
        if (served is null)
        {
            trail.Failed("registry", $"the registry has no {tagged}");
            return trail.Refuse(ReasonCode.NotInRegistry, Messages.NotInRegistry(tagged));
        }

        trail.LocalDigest = served;
        if (served != signed)
        {
            trail.Failed("registry", $"the registry serves {served}");
            return trail.Refuse(ReasonCode.TagMoved, Messages.TagMoved(image, signed, served));
        }

        trail.Passed("registry", $"the registry serves {served}");
        return trail.Trust($"{tagged} is signed as {signed} and the registry serves that");
    }

    private async Task<Digest?> ServedAsync(NamedReference tagged, CancellationToken cancellation)
    {
        var host = tagged.Repository.Domain;
        var auth = await registryAuth.FindAsync(host, cancellation).ConfigureAwait(false);
        try
        {
            return await engine.RegistryDigestAsync(tagged, auth, cancellation).ConfigureAwait(false);
        }
        catch (EngineException e) when (e.Fault == EngineFault.RegistryLoginNeeded)
        {
            // Users' own logins are never visible to plugins (engine-authz.md 1.3), so the admin must configure one.
            throw new EngineException(
                e.Fault,
                auth is null
                    ? $"asks for a login and the plugin has none (users' logins are not visible to plugins); add one for {host} to {registryAuth.File}"
                    : $"does not accept the login for {host} in {registryAuth.File}; correct that login",
                e);
        }
    }
}
