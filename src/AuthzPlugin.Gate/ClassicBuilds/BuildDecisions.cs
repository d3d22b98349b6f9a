using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.LocalBuilds;

namespace AuthzPlugin.Gate.ClassicBuilds;

/// <summary>Decisions about a build as a whole.</summary>
internal static class BuildDecisions
{
    /// <summary>It cannot be seen completely, or the engine might read it differently.</summary>
    public static Decision Ambiguous(string message) => Refused(ReasonCode.HiddenOrAmbiguous, message);

    public static Decision ByPolicy(string message) => Refused(ReasonCode.RefusedByPolicy, message);

    /// <summary>The engine could not do its part.</summary>
    public static Decision EngineUnclear(string message) => new()
    {
        Outcome = Outcome.Undecided,
        Reason = ReasonCode.EngineUnclear,
        Message = message,
        Checks = [new Check("engine", CheckResult.Unknown, message)],
    };

    public static Decision TimedOut(string reference, TimeSpan budget)
    {
        var message = $"{reference} could not be decided within {budget.TotalSeconds:0.#} s; try again, or see content-trust status";
        return new Decision
        {
            Outcome = Outcome.Undecided,
            Reason = ReasonCode.TimedOut,
            Message = message,
            Checks = [new Check("time", CheckResult.Unknown, message)],
        };
    }

    /// <summary>The policy lets the engine fetch a context that nobody sees.</summary>
    public static Decision RemoteAllowed() => new()
    {
        Outcome = Outcome.Trusted,
        Reason = ReasonCode.AllowedByPolicy,
        Message = "builds-allow admits remote contexts; what the build begins from was not seen",
        Checks = [],
    };

    /// <summary>Its record could not be written.</summary>
    public static Decision Unrecorded(string message) => new()
    {
        Outcome = Outcome.Undecided,
        Reason = ReasonCode.InternalError,
        Message = message,
        Checks = [],
    };

    /// <summary>Everything that it begins from is signed.</summary>
    public static Decision Trusted(IReadOnlyCollection<Decision> bases) => new()
    {
        Outcome = Outcome.Trusted,
        Reason = bases.Count > 0 ? ReasonCode.Signed : ReasonCode.AllowedByPolicy,
        Message = bases.Count > 0 ? "the build begins from signed images only" : "the build begins from no image",
        Checks = [.. bases.SelectMany(b => b.Checks)],
        Bases = [.. bases.Select(b => LocalBuildBase.Text(b.Repository!, b.Tag, b.SignedDigest!.ToString())).Distinct(StringComparer.Ordinal)],
        RootKeyIds = [.. bases.SelectMany(b => b.RootKeyIds).Distinct(StringComparer.Ordinal)],
        DecidedBy = [.. bases.SelectMany(b => b.DecidedBy).Distinct().Order()],
        FromCache = bases.Any(b => b.FromCache),
        Stale = bases.Any(b => b.Stale),
    };

    private static Decision Refused(ReasonCode reason, string message) => new()
    {
        Outcome = Outcome.Refused,
        Reason = reason,
        Message = message,
        Checks = [new Check("build", CheckResult.Failed, message)],
    };
}
