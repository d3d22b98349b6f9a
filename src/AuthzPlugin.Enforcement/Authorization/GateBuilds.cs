using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Enforcement.LocalBuilds;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Trust.References;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.Authorization;

/// <summary>
/// Where the gate reports its builds: each is recorded before the engine gets the last of it, and its image is remembered when the policy
/// admits images that were built from signed images only.
/// </summary>
public sealed class GateBuilds
{
    /// <summary>Phase of the audit records.</summary>
    private const string Phase = "build";

    private readonly Recorder _recorder;
    private readonly LocalBuildStore _store;
    private readonly EngineClient _engine;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    internal GateBuilds(Recorder recorder, LocalBuildStore store, EngineClient engine, TimeProvider time, ILogger logger)
    {
        _recorder = recorder;
        _store = store;
        _engine = engine;
        _time = time;
        _logger = logger;
    }

    /// <summary>Writes the record of a build. What cannot be recorded is refused where the settings say so.</summary>
    /// <param name="decision">With <see cref="Decision.Bases"/> when it is trusted.</param>
    /// <param name="target">The request target as the client sent it.</param>
    /// <param name="started">Timestamp of the time provider when the build came.</param>
    public Answer Record(Decision decision, string target, CallerIdentity caller, TrustPolicy policy, long started)
    {
        var request = new AuthZRequest("POST", target, new Dictionary<string, string>(), default, null, null) { Caller = caller };
        return _recorder.Record(decision, request, Phase, policy, started);
    }

    /// <summary>
    /// Remembers an image by the id that the engine's builder reported. Does nothing unless the policy's local-builds is allow, at least
    /// one base is there, and all of them are trusted; a record that cannot be written costs convenience, not safety.
    /// </summary>
    /// <param name="bases">What the build was decided to begin from; nothing else went into it.</param>
    public async Task RememberAsync(
        Digest imageId, IReadOnlyCollection<Decision> bases, CallerIdentity caller, TrustPolicy policy, CancellationToken cancellation)
    {
        if (policy.LocalBuilds != PolicyAnswer.Allow || policy.BreakGlass || bases.Count == 0 || !bases.All(IsBase))
        {
            return;
        }

        var distinct = bases.Select(ToBase).DistinctBy(b => b.ToString()).ToArray();
        if (distinct.Length > LocalBuildStore.MaxBases)
        {
            return;
        }

        try
        {
            var identity = await _engine.IdentityAsync(cancellation).ConfigureAwait(false);
            _store.Add(imageId, new LocalBuild
            {
                ImageId = imageId.ToString(),
                Bases = distinct,
                EngineId = identity.EngineId,
                Uid = caller.Uid,
                BuiltAt = _time.GetUtcNow(),
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or EngineException)
        {
            Log.BuildNotRemembered(_logger, imageId.ToString(), e.Message);
        }
    }

    private static bool IsBase(Decision decision) =>
        decision is { IsTrusted: true, Reason: ReasonCode.Signed, Repository: not null, SignedDigest: not null };

    private static LocalBuildBase ToBase(Decision decision) => new()
    {
        Repository = decision.Repository!,
        Tag = decision.Tag,
        SignedDigest = decision.SignedDigest!.ToString(),
        RootKeyIds = decision.RootKeyIds,
    };
}
