using AuthzPlugin.Enforcement.Metrics;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Tests.Policy;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Testing.Time;

namespace AuthzPlugin.Enforcement.Tests.Metrics;

/// <summary>A meter with stated readings, and a store that listens.</summary>
internal sealed class MeterBench : IDisposable
{
    public MeterBench()
    {
        Policy = new PolicyHolder(() => Loads, Time);
        Meter = new ServiceMeter(() => null, Time);
        Meter.Observe(new ServiceReadings
        {
            Version = "1.2.3 \"x\\y\"\nz",
            Policy = Policy,
            Mode = () => Mode,
            BreakGlass = () => BreakGlass,
            Approvals = () => 7,
            AuditFailures = () => 3,
            RunningRefused = () => 2,
            Expiries = () => Expiries,
        });
        Store = new MetricStore(Meter);
    }

    public ManualTimeProvider Time { get; } = new();

    public PolicyLoadResult Loads { get; set; } = PolicyTexts.ReadWith("\"freshness\": \"10s\"");

    public PolicyHolder Policy { get; }

    public EnforcementMode? Mode { get; set; } = EnforcementMode.Enforced;

    public bool BreakGlass { get; set; }

    public IReadOnlyList<RepositoryExpiry> Expiries { get; set; } = [];

    public ServiceMeter Meter { get; }

    public MetricStore Store { get; }

    public Scrape Scrape() => Metrics.Scrape.Of(Store);

    public void Dispose()
    {
        Store.Dispose();
        Meter.Dispose();
    }
}
