using AuthzPlugin.Enforcement.Authorization;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Signatures;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Inquiries;

/// <summary>
/// What would be decided, for an administrator who asks: the same deciders as for the engine's questions, and nothing is recorded,
/// approved or held. Every answer comes within the decision budget.
/// </summary>
public sealed class Inquirer
{
    private readonly Func<InquirySources, ImageDecider> _images;
    private readonly InquirySources _own;
    private readonly RequestDecider _requests;
    private readonly StartDecider _starts;
    private readonly EngineClient _engine;
    private readonly TimeSpan _budget;

    internal Inquirer(
        Func<InquirySources, ImageDecider> images,
        InquirySources own,
        RequestDecider requests,
        StartDecider starts,
        EngineClient engine,
        TimeSpan budget)
    {
        _images = images;
        _own = own;
        _requests = requests;
        _starts = starts;
        _engine = engine;
        _budget = budget;
    }

    /// <summary>Decides an image as a create would.</summary>
    /// <param name="image">Any text.</param>
    /// <param name="trust">Trust data to be used instead of the service's own; null: that.</param>
    public Task<Decision> VerifyAsync(string image, TrustPolicy policy, ITrustData? trust, CancellationToken cancellation) =>
        VerifyAsync(image, policy, trust, _own.Time, cancellation);

    /// <inheritdoc cref="VerifyAsync(string, TrustPolicy, ITrustData?, CancellationToken)"/>
    /// <param name="now">The time at which kinds of signatures end.</param>
    public Task<Decision> VerifyAsync(string image, TrustPolicy policy, ITrustData? trust, TimeProvider now, CancellationToken cancellation)
    {
        var shown = UntrustedText.Escape(image);
        var signatures = trust is OfflineTrustData ? new OfflineSignatures(_own.Signatures) : _own.Signatures;
        var sources = new InquirySources(trust ?? _own.Trust, signatures, now);
        return ImageReference.TryParse(image, out var reference, out var problem)
            ? WithinAsync(shown, token => _images(sources).DecideReferenceAsync(image, reference, policy, token), cancellation)
            : Task.FromResult(new Trail(shown).Refuse(ReasonCode.BadReference, $"{shown} {problem}; correct the image name"));
    }

    /// <summary>Decides a request of the engine's API as if it were asked now.</summary>
    public async Task<Explanation> ExplainAsync(AuthZRequest request, TrustPolicy policy, CancellationToken cancellation)
    {
        var read = EngineRequestReader.Read(request);
        return policy.Mode == EnforcementMode.Disabled
            ? new Explanation(read.Endpoint, "the mode is disabled: everything is allowed, and nothing is asked", null)
            : read switch
            {
                ReadRequest => new Explanation(read.Endpoint, "it changes nothing: allowed at once", null),
                NoImageRequest => new Explanation(read.Endpoint, "it starts no image: allowed at once", null),
                NameChangeRequest => new Explanation(read.Endpoint, "it changes what a name means: allowed, once no start by name is under way", null),
                _ => new Explanation(
                    read.Endpoint, null, await WithinAsync("", token => _requests.DecideAsync(read, policy, token), cancellation).ConfigureAwait(false)),
            };
    }

    /// <summary>Decides every image and every container of the engine.</summary>
    /// <exception cref="EngineException">The engine does not say what it has.</exception>
    public async Task<HostReport> ReportHostAsync(TrustPolicy policy, CancellationToken cancellation)
    {
        var images = new List<Decision>();
        foreach (var image in await _engine.ListImagesAsync(cancellation).ConfigureAwait(false))
        {
            var names = image.RepoTags.Count > 0 ? string.Join(", ", image.RepoTags.Order(StringComparer.Ordinal)) : image.Id.ToString();
            var decision = await WithinAsync(
                names, token => _images(_own).DecideIdAsync(names, image.Id, image.RepoTags, policy, token), cancellation).ConfigureAwait(false);
            images.Add(decision with { Image = UntrustedText.Escape(names) });
        }

        var containers = new List<HostContainer>();
        foreach (var id in await _engine.ListContainersAsync(all: true, cancellation).ConfigureAwait(false))
        {
            if (await _engine.FindContainerAsync(id, cancellation).ConfigureAwait(false) is { } container)
            {
                var decision = await WithinAsync(
                    container.Name, token => _starts.DecideAsync(container, container.Name, policy, token), cancellation).ConfigureAwait(false);
                containers.Add(new HostContainer(container.Id, UntrustedText.Escape(container.Name), container.Running, decision));
            }
        }

        return new HostReport(images, containers);
    }

    private async Task<Decision> WithinAsync(string shown, Func<CancellationToken, Task<Decision>> decide, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(_budget, _own.Time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timer.Token);
        try
        {
            return await decide(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new Trail(shown).Undecided(ReasonCode.TimedOut, Messages.TimedOut(shown, _budget));
        }
    }
}

/// <summary>Where evidence comes from, and the time that decides what still counts.</summary>
internal sealed record InquirySources(ITrustData Trust, ISignatureSource Signatures, TimeProvider Time);

/// <summary>What a request would come to.</summary>
/// <param name="Endpoint">What the request is in the table of endpoints.</param>
/// <param name="WithoutDecision">Why nothing needs to be decided; null: see the decision.</param>
public sealed record Explanation(string Endpoint, string? WithoutDecision, Decision? Decision);

/// <summary>What the engine has, decided.</summary>
public sealed record HostReport(IReadOnlyList<Decision> Images, IReadOnlyList<HostContainer> Containers);

/// <summary>A container of the engine, decided as a start of it would be.</summary>
public sealed record HostContainer(string Id, string Name, bool Running, Decision Decision);
