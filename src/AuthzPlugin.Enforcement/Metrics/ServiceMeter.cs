using System.Diagnostics.Metrics;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.TrustData;

namespace AuthzPlugin.Enforcement.Metrics;

/// <summary>
/// The meter of one running service, with every instrument of <see cref="MetricCatalogue"/>. It belongs to whoever made it, and ends with
/// <see cref="Dispose"/>; there is no static one. Counting costs next to nothing while nobody listens.
/// </summary>
public sealed class ServiceMeter : IDisposable
{
    public const string Name = "content-trust";

    /// <summary>
    /// So many repositories have a value of their own, those that expire first: under a wildcard pin their number is the users' to choose.
    /// </summary>
    public const int LabelledRepositories = 10;

    private const string InvalidPolicy = "invalid-policy";

    private readonly Instruments _instruments;
    private readonly TimeProvider _time;

    /// <param name="policy">The policy in force; null while it is invalid.</param>
    public ServiceMeter(Func<TrustPolicy?> policy, TimeProvider time)
    {
        Meter = new Meter(new MeterOptions(Name) { Scope = this });
        _time = time;
        _instruments = new Instruments(Meter);
        Decisions = new DecisionMeter(_instruments, time);
        Trust = new TrustMeter(_instruments, policy, time);
        Signatures = new SignatureMeter(_instruments, time);
    }

    /// <summary>What listeners listen to.</summary>
    public Meter Meter { get; }

    public DecisionMeter Decisions { get; }

    public TrustMeter Trust { get; }

    public SignatureMeter Signatures { get; }

    /// <summary>Adds what is read when somebody asks. Once.</summary>
    public void Observe(ServiceReadings readings)
    {
        _instruments.Observe(MetricCatalogue.RunningRefused, readings.RunningRefused);
        _instruments.Observe(MetricCatalogue.Approvals, readings.Approvals);
        _instruments.Observe(MetricCatalogue.AuditFailures, readings.AuditFailures);
        _instruments.Observe(MetricCatalogue.BreakGlass, () => readings.BreakGlass() ? 1 : 0);
        _instruments.ObserveAll<int>(MetricCatalogue.Build, () => [new Measurement<int>(1, Tag("version", readings.Version))]);
        _instruments.ObserveAll(MetricCatalogue.Mode, () => Modes(readings.Mode()));
        _instruments.ObserveAll(MetricCatalogue.Expiry, () => Expiries(readings.Expiries()));
        _instruments.ObserveAll(MetricCatalogue.EarliestExpiry, () => Earliest(readings.Expiries()));
        ObservePolicy(readings.Policy);
    }

    public void Dispose() => Meter.Dispose();

    private void ObservePolicy(PolicyHolder policy)
    {
        var results = new LabelValues<ReloadOutcome>();
        _instruments.ObserveAll(
            MetricCatalogue.Reloads,
            () => Enum.GetValues<ReloadOutcome>().Select(o => new Measurement<long>(policy.Reloads(o), Tag("result", results[o]))));
        _instruments.Observe(MetricCatalogue.PolicyProblems, () => policy.Snapshot switch
        {
            { State: InvalidPolicy invalid } => invalid.Problems.Count,
            var snapshot => snapshot.RefusedProblems.Count,
        });
        _instruments.Observe(MetricCatalogue.PolicyWarnings, () => policy.State switch
        {
            InvalidPolicy invalid => invalid.Warnings.Count,
            GoodPolicy good => good.Warnings.Count,
            _ => 0,
        });
    }

    private static IEnumerable<Measurement<int>> Modes(EnforcementMode? mode)
    {
        var names = new LabelValues<EnforcementMode>();
        return Enum.GetValues<EnforcementMode>()
            .Select(m => new Measurement<int>(m == mode ? 1 : 0, Tag("mode", names[m])))
            .Append(new Measurement<int>(mode is null ? 1 : 0, Tag("mode", InvalidPolicy)));
    }

    private IEnumerable<Measurement<double>> Expiries(IReadOnlyList<RepositoryExpiry> expiries) =>
        expiries.Take(LabelledRepositories).Select(e => new Measurement<double>(UntilSeconds(e), Tag("repository", e.Repository.Name)));

    private IEnumerable<Measurement<double>> Earliest(IReadOnlyList<RepositoryExpiry> expiries) =>
        expiries.Take(1).Select(e => new Measurement<double>(UntilSeconds(e)));

    private double UntilSeconds(RepositoryExpiry expiry) => Math.Floor((expiry.At - _time.GetUtcNow()).TotalSeconds);

    private static KeyValuePair<string, object?> Tag(string label, string value) => new(label, value);
}
