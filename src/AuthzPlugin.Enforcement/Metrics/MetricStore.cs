using System.Diagnostics.Metrics;

namespace AuthzPlugin.Enforcement.Metrics;

/// <summary>
/// Adds up what one meter measures, for a reader that comes now and then. Counting an answer takes a lock for nanoseconds and, once its
/// series exists, no memory. Safe for concurrent use.
/// </summary>
public sealed class MetricStore : IDisposable
{
    /// <summary>The media type of <see cref="ToPrometheusText"/>.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, MetricFamily> _families;
    private readonly Lock _reading = new();

    /// <summary>Listens from now on.</summary>
    public MetricStore(ServiceMeter meter)
    {
        _families = [];
        var catalogue = MetricCatalogue.All.ToDictionary(m => m.Name, StringComparer.Ordinal);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, meter.Meter))
            {
                listener.EnableMeasurementEvents(instrument, FamilyOf(catalogue[instrument.Name], instrument.IsObservable));
            }
        };
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.Start();
    }

    /// <summary>All metrics as they are now, in the text format of Prometheus, version 0.0.4.</summary>
    public string ToPrometheusText()
    {
        lock (_reading)
        {
            var families = Families();
            foreach (var family in families)
            {
                family.Forget();
            }

            _listener.RecordObservableInstruments();
            return PrometheusText.Write(families);
        }
    }

    public void Dispose() => _listener.Dispose();

    private MetricFamily FamilyOf(MetricDescription metric, bool isObserved)
    {
        var family = new MetricFamily(metric, isObserved);
        lock (_families)
        {
            _families.Add(metric.Name, family);
        }

        return family;
    }

    private List<MetricFamily> Families()
    {
        lock (_families)
        {
            return [.. MetricCatalogue.All.Select(m => _families.GetValueOrDefault(m.Name)).OfType<MetricFamily>()];
        }
    }
}
