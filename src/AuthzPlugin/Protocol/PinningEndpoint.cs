using System.Collections.Concurrent;
using AuthzPlugin.Enforcement.Approvals;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Enforcement.TrustData.Transport;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Inspection;
using AuthzPlugin.Trust.Pinning;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Protocol;

/// <summary>
/// What helps to write pins: which repositories this host knows (<c>check-config</c>), and which repositories keys that are pinned already
/// have signed (<c>report</c>). Nothing is decided here.
/// </summary>
/// <param name="policy">Null while it is invalid.</param>
internal sealed class PinningEndpoint(
    Func<TrustPolicy?> policy, TrustDataService trust, ApprovalStore approvals, EngineClient engine, ShownRootKeys shown, TimeProvider time)
{
    /// <summary>More are not asked about at a time.</summary>
    public const int MostRepositories = 64;

    private const int AtATime = 8;

    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(30);

    /// <summary>Repositories of the trust cache, of the approvals and of the engine's images.</summary>
    public async Task RepositoriesAsync(HttpContext context)
    {
        var names = new HashSet<string>(approvals.Repositories, StringComparer.Ordinal);
        string? problem = null;
        try
        {
            names.UnionWith(trust.List().Select(r => r.Repository.Name));
            foreach (var image in await engine.ListImagesAsync(context.RequestAborted).ConfigureAwait(false))
            {
                names.UnionWith(image.RepoTags.Concat(image.RepoDigests)
                    .Select(n => ImageReferenceParser.TryParseNamed(n, out var named, out _) ? named.Repository.Name : null).OfType<string>());
            }
        }
        catch (Exception e) when (e is EngineException or IOException or UnauthorizedAccessException)
        {
            problem = UntrustedText.Escape(e.Message);
        }

        var answer = new RepositoriesAnswer { Repositories = [.. names.Order(StringComparer.Ordinal)], Problem = problem };
        await AdminReply.WriteAsync(context, StatusCodes.Status200OK, answer, AdminJson.Default.RepositoriesAnswer).ConfigureAwait(false);
    }

    /// <summary>Of the repositories asked about, those that known keys have signed.</summary>
    public async Task AdmissionsAsync(HttpContext context)
    {
        if (await AdminReply.ReadAsync(context, AdminJson.Default.AdmissionsQuestion).ConfigureAwait(false) is not { } question)
        {
            return;
        }

        var found = new ConcurrentBag<Admission>();
        if (policy() is { } present)
        {
            using var timer = new CancellationTokenSource(Budget, time);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, timer.Token);
            try
            {
                await Parallel.ForEachAsync(
                    Named(question.Repositories),
                    new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = limit.Token },
                    async (repository, token) =>
                    {
                        if (await FindAsync(repository, present, token).ConfigureAwait(false) is { } admission)
                        {
                            found.Add(admission);
                        }
                    }).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
            {
                // What was found in time is shown.
            }
        }

        IReadOnlyList<Admission> answer = [.. found.OrderBy(a => a.Repository, StringComparer.Ordinal)];
        await AdminReply.WriteAsync(context, StatusCodes.Status200OK, answer, AdminJson.Default.IReadOnlyListAdmission).ConfigureAwait(false);
    }

    private static IEnumerable<RepositoryName> Named(IReadOnlyList<string> texts) => texts
        .Take(MostRepositories)
        .Select(t => ImageReferenceParser.TryParseNamed(t, out var named, out _) ? named.Repository : null)
        .OfType<RepositoryName>();

    private async ValueTask<Admission?> FindAsync(RepositoryName repository, TrustPolicy present, CancellationToken cancellation)
    {
        try
        {
            var keys = await shown.AskAsync(new NotaryEndpoint(present.TrustServers.For(repository), repository), cancellation).ConfigureAwait(false);
            return Known(repository, keys, k => k.RootKeyId, PinKind.RootKeys, present.Pins)
                ?? Known(repository, keys, k => k.CertificateId, PinKind.CertIds, present.Pins);
        }
        catch (Exception e) when (e is TrustException or ArgumentException)
        {
            // No trust data, or nobody to ask: then nothing is known to admit it.
            return null;
        }
    }

    private static Admission? Known(
        RepositoryName repository, IReadOnlyList<InspectedRootKey> keys, Func<InspectedRootKey, string> id, PinKind kind, RootPins pins)
    {
        string[] known = [.. keys.Select(id).Where(i => pins.All.Any(p => p.Kind == kind && p.Ids.Contains(i))).Distinct(StringComparer.Ordinal)];
        return known.Length == 0 ? null : new Admission
        {
            Repository = repository.Name,
            Member = kind == PinKind.RootKeys ? "root-keys" : "cert-ids",
            Ids = known,
        };
    }
}
