using System.Globalization;
using System.Net;
using System.Text.Json;
using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Engine;

/// <summary>
/// The few calls that decisions need of the engine (unversioned paths, so the engine's newest API answers).
/// Everything it returns is checked for shape; what is missing or contradictory is an <see cref="EngineException"/>.
/// </summary>
public sealed class EngineClient(EngineTransport transport, TimeProvider time)
{
    /// <summary>The image store can change while we live; a second is as long as it is believed (decisions.md, "Words").</summary>
    private static readonly TimeSpan IdentityLifetime = TimeSpan.FromSeconds(1);

    private volatile CachedIdentity? _identity;

    /// <summary>The engine's id and store.</summary>
    /// <exception cref="EngineException"/>
    public async Task<EngineIdentity> IdentityAsync(CancellationToken cancellation)
    {
        var cached = _identity;
        if (cached is not null && time.GetElapsedTime(cached.At) < IdentityLifetime)
        {
            return cached.Identity;
        }

        var at = time.GetTimestamp();
        var identity = ToIdentity(await InfoAsync(cancellation).ConfigureAwait(false));
        _identity = new CachedIdentity(identity, at);
        return identity;
    }

    /// <summary>The image that the engine would take for this reference, or null when it has none.</summary>
    /// <exception cref="EngineException"/>
    public async Task<EngineImage?> FindImageAsync(string reference, CancellationToken cancellation)
    {
        var answer = await transport
            .SendAsync(HttpMethod.Get, $"/images/{Path(reference)}/json", null, cancellation).ConfigureAwait(false);
        if (answer.Status == HttpStatusCode.NotFound)
        {
            return null;
        }

        var image = Expect(answer).Read(EngineJson.Default.ImageInspect);
        var identity = await IdentityAsync(cancellation).ConfigureAwait(false);
        return ToImage(image, identity.Store);
    }

    /// <summary>The ONBUILD triggers of the image that the engine has under a reference; null when it has none.</summary>
    /// <exception cref="EngineException"/>
    public async Task<IReadOnlyList<string>?> FindTriggersAsync(string reference, CancellationToken cancellation)
    {
        var answer = await transport
            .SendAsync(HttpMethod.Get, $"/images/{Path(reference)}/json", null, cancellation).ConfigureAwait(false);
        return answer.Status == HttpStatusCode.NotFound
            ? null
            : Expect(answer).Read(EngineJson.Default.ImageInspect).Config?.OnBuild ?? [];
    }

    /// <summary>The container that the engine would take for this id, id prefix or name, or null when it has none.</summary>
    /// <exception cref="EngineException"/>
    public async Task<EngineContainer?> FindContainerAsync(string container, CancellationToken cancellation)
    {
        var answer = await transport
            .SendAsync(HttpMethod.Get, $"/containers/{Path(container)}/json", null, cancellation).ConfigureAwait(false);
        return answer.Status == HttpStatusCode.NotFound
            ? null
            : ToContainer(Expect(answer).Read(EngineJson.Default.ContainerInspect));
    }

    /// <summary>The volume of this name as the API shows it, or null when the engine has none.</summary>
    /// <exception cref="EngineException"/>
    public async Task<JsonElement?> FindVolumeAsync(string name, CancellationToken cancellation)
    {
        var answer = await transport.SendAsync(HttpMethod.Get, $"/volumes/{Path(name)}", null, cancellation).ConfigureAwait(false);
        return answer.Status == HttpStatusCode.NotFound ? null : Expect(answer).ReadObject();
    }

    /// <summary>Every volume, as the API shows it.</summary>
    /// <exception cref="EngineException"/>
    public async Task<IReadOnlyList<JsonElement>> ListVolumesAsync(CancellationToken cancellation)
    {
        var answer = Expect(await transport.SendAsync(HttpMethod.Get, "/volumes", null, cancellation).ConfigureAwait(false)).ReadObject();
        return answer.TryMember("Volumes", JsonValueKind.Array, out var volumes)
            ? volumes is { } list ? [.. list.EnumerateArray()] : []
            : throw new EngineException(EngineFault.Unclear, "the engine's list of volumes is not what its API promises");
    }

    /// <summary>The managed plugin that the engine would take for this name, id or id prefix, or null when it has none.</summary>
    /// <exception cref="EngineException"/>
    public async Task<EnginePlugin?> FindPluginAsync(string plugin, CancellationToken cancellation)
    {
        var answer = await transport.SendAsync(HttpMethod.Get, $"/plugins/{Path(plugin)}/json", null, cancellation).ConfigureAwait(false);
        if (answer.Status == HttpStatusCode.NotFound)
        {
            return null;
        }

        var found = Expect(answer).Read(EngineJson.Default.PluginInspect);
        return found is { Id: { Length: > 0 } id, Name: { Length: > 0 } name }
            ? new EnginePlugin(id, name, found.PluginReference ?? "")
            : throw new EngineException(EngineFault.Unclear, "the engine's answer has no plugin id or name");
    }

    /// <summary>The service of this id or name as the API shows it, or null when the swarm has none.</summary>
    /// <exception cref="EngineException"/>
    public async Task<JsonElement?> FindServiceAsync(string service, CancellationToken cancellation)
    {
        var answer = await transport.SendAsync(HttpMethod.Get, $"/services/{Path(service)}", null, cancellation).ConfigureAwait(false);
        return answer.Status == HttpStatusCode.NotFound ? null : Expect(answer).ReadObject();
    }

    /// <summary>The engine's images, those without a name included.</summary>
    /// <exception cref="EngineException"/>
    public async Task<IReadOnlyList<EngineImage>> ListImagesAsync(CancellationToken cancellation)
    {
        var answer = Expect(await transport.SendAsync(HttpMethod.Get, "/images/json", null, cancellation).ConfigureAwait(false));
        var identity = await IdentityAsync(cancellation).ConfigureAwait(false);
        return [.. answer.Read(EngineJson.Default.IReadOnlyListImageInspect).Select(i => ToImage(i, identity.Store))];
    }

    /// <summary>Ids of the engine's containers.</summary>
    /// <exception cref="EngineException"/>
    public async Task<IReadOnlyList<string>> ListContainersAsync(bool all, CancellationToken cancellation)
    {
        var path = all ? "/containers/json?all=1" : "/containers/json";
        var answer = Expect(await transport.SendAsync(HttpMethod.Get, path, null, cancellation).ConfigureAwait(false));
        return [.. answer.Read(EngineJson.Default.IReadOnlyListContainerSummary).Select(c => c.Id).OfType<string>()];
    }

    /// <summary>The digest that the registry serves now for this reference, or null when it has none. It may lie.</summary>
    /// <param name="registryAuth">Value of X-Registry-Auth, or null.</param>
    /// <exception cref="EngineException"/>
    public async Task<Digest?> RegistryDigestAsync(NamedReference reference, string? registryAuth, CancellationToken cancellation)
    {
        var answer = await transport
            .SendAsync(HttpMethod.Get, $"/distribution/{Path(reference.ToString())}/json", registryAuth, cancellation)
            .ConfigureAwait(false);
        if (!answer.IsSuccess)
        {
            return RegistryErrors.IsNotFound(answer) ? null : throw RegistryErrors.ToException(answer);
        }

        var digest = answer.Read(EngineJson.Default.DistributionInspect).Descriptor?.Digest;
        return Digest.TryParse(digest, out var value)
            ? value
            : throw new EngineException(EngineFault.Unclear, "the registry's answer has no sha256 digest");
    }

    /// <summary>The engine's version and newest API.</summary>
    /// <exception cref="EngineException"/>
    public async Task<EngineVersion> VersionAsync(CancellationToken cancellation) =>
        Expect(await transport.SendAsync(HttpMethod.Get, "/version", null, cancellation).ConfigureAwait(false))
            .Read(EngineJson.Default.EngineVersion);

    /// <summary>Kills a running container; one that does not run (any more) is no error.</summary>
    /// <exception cref="EngineException"/>
    public async Task KillContainerAsync(string id, CancellationToken cancellation)
    {
        var answer = await transport
            .SendAsync(HttpMethod.Post, $"/containers/{Path(id)}/kill", null, cancellation).ConfigureAwait(false);
        if (answer.Status is not (HttpStatusCode.NotFound or HttpStatusCode.Conflict))
        {
            Expect(answer);
        }
    }

    /// <summary>Stops a running container, so that no restart policy starts it again; one that does not run (any more) is no error.</summary>
    /// <exception cref="EngineException"/>
    public async Task StopContainerAsync(string id, CancellationToken cancellation)
    {
        // What may not run gets little time to end by itself.
        var answer = await transport
            .SendAsync(HttpMethod.Post, $"/containers/{Path(id)}/stop?t=1", null, cancellation).ConfigureAwait(false);
        if (answer.Status is not (HttpStatusCode.NotFound or HttpStatusCode.NotModified))
        {
            Expect(answer);
        }
    }

    /// <summary>What happens to containers from now on: starts, unpauses and ends, asked or not.</summary>
    /// <exception cref="EngineException"/>
    public async Task<ContainerEvents> OpenEventsAsync(CancellationToken cancellation) =>
        new(await transport.OpenAsync($"/events?filters={Uri.EscapeDataString(ContainerEvents.Filters)}", cancellation).ConfigureAwait(false));

    /// <summary>What the engine says about itself and its host.</summary>
    /// <exception cref="EngineException"/>
    public async Task<EngineInfo> InfoAsync(CancellationToken cancellation) =>
        Expect(await transport.SendAsync(HttpMethod.Get, "/info", null, cancellation).ConfigureAwait(false)).Read(EngineJson.Default.EngineInfo);

    /// <summary>Removes a container with force; one that is gone is no error.</summary>
    /// <exception cref="EngineException"/>
    public async Task RemoveContainerAsync(string id, CancellationToken cancellation)
    {
        var answer = await transport
            .SendAsync(HttpMethod.Delete, $"/containers/{Path(id)}?force=1&v=1", null, cancellation).ConfigureAwait(false);
        if (answer.Status is not (HttpStatusCode.NotFound or HttpStatusCode.Conflict))
        {
            Expect(answer);
        }
    }

    private static EngineAnswer Expect(EngineAnswer answer) => answer.IsSuccess
        ? answer
        : throw new EngineException(EngineFault.Failed, $"the engine answered: {answer.ErrorMessage()}");

    /// <summary>
    /// Escapes everything but what references consist of. Callers pass only texts of the reference and container
    /// grammars, in which no segment is <c>.</c> or <c>..</c>.
    /// </summary>
    private static string Path(string text) =>
        Uri.EscapeDataString(text).Replace("%2F", "/", StringComparison.Ordinal).Replace("%3A", ":", StringComparison.Ordinal)
            .Replace("%40", "@", StringComparison.Ordinal);

    private static EngineIdentity ToIdentity(EngineInfo info)
    {
        if (string.IsNullOrEmpty(info.Id) || string.IsNullOrEmpty(info.Driver))
        {
            throw new EngineException(EngineFault.Unclear, "the engine does not tell its id or its storage driver");
        }

        var driverType = info.DriverStatus?.FirstOrDefault(pair => pair.Count == 2 && pair[0] == "driver-type")?[1];
        var store = driverType switch
        {
            null => ImageStoreKind.Classic,
            "io.containerd.snapshotter.v1" => ImageStoreKind.Containerd,
            _ => throw new EngineException(EngineFault.Unclear, "the engine has an image store of an unknown kind"),
        };
        return new EngineIdentity(info.Id, store, info.ServerVersion ?? "")
        {
            DataRoot = info.DockerRootDir ?? "",
            DefaultRuntime = info.DefaultRuntime ?? "runc",
            ContainerdAddress = info.Containerd?.Address ?? "",
        };
    }

    private static EngineImage ToImage(ImageInspect image, ImageStoreKind store)
    {
        if (!Digest.TryParse(image.Id, out var id))
        {
            throw new EngineException(EngineFault.Unclear, "the engine's answer has no image id");
        }

        // A descriptor is shown by the containerd store only; there it is the id (Engine API 1.48).
        var descriptor = image.Descriptor?.Digest;
        if (descriptor is not null && (store != ImageStoreKind.Containerd || descriptor != id.ToString()))
        {
            throw new EngineException(EngineFault.Unclear, "the engine's answers about its image store contradict each other");
        }

        return new EngineImage(id, store, image.RepoTags ?? [], image.RepoDigests ?? []);
    }

    private static EngineContainer ToContainer(ContainerInspect container)
    {
        if (!Digest.IsLowerHex(container.Id, Digest.HexLength))
        {
            throw new EngineException(EngineFault.Unclear, "the engine's answer has no container id");
        }

        var started = DateTimeOffset.TryParse(
            container.State?.StartedAt, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) && at.Year > 1
            ? at
            : (DateTimeOffset?)null;
        return new EngineContainer(
            container.Id,
            (container.Name ?? "").TrimStart('/'),
            Digest.TryParse(container.Image, out var image) ? image : null,
            container.Config?.Image,
            container.Mounts?.Any(m => m.Type == "image") ?? false,
            container.State?.Running ?? false,
            started)
        {
            HostConfig = container.HostConfig,
            Mounts = [.. (container.Mounts ?? []).Select(m => new EngineMount(m.Type ?? "", m.Name ?? "", m.Source ?? "", m.Writable))],
        };
    }

    private sealed record CachedIdentity(EngineIdentity Identity, long At);
}
