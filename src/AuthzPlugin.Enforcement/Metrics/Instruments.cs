using System.Diagnostics.Metrics;

namespace AuthzPlugin.Enforcement.Metrics;

/// <summary>Makes the instruments of the catalogue's metrics, in one meter.</summary>
internal sealed class Instruments(Meter meter)
{
    public Counter<long> Counter(MetricDescription metric) => meter.CreateCounter<long>(metric.Name, metric.Unit, metric.Help);

    public Histogram<double> Histogram(MetricDescription metric) => meter.CreateHistogram(
        metric.Name, metric.Unit, metric.Help, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = metric.Buckets });

    public void Observe<T>(MetricDescription metric, Func<T> value)
        where T : struct => ObserveAll<T>(metric, () => [new Measurement<T>(value())]);

    public void ObserveAll<T>(MetricDescription metric, Func<IEnumerable<Measurement<T>>> values)
        where T : struct
    {
        if (metric.Kind == MetricKind.Counter)
        {
            meter.CreateObservableCounter(metric.Name, values, metric.Unit, metric.Help);
        }
        else
        {
            meter.CreateObservableGauge(metric.Name, values, metric.Unit, metric.Help);
        }
    }
}
