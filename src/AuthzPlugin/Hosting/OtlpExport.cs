using AuthzPlugin.Enforcement.Metrics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace AuthzPlugin.Hosting;

/// <summary>
/// Sends metrics to an OpenTelemetry collector: OTLP over HTTP, protobuf, from a thread of its own. There is no queue: a collector that
/// was away gets the sums as they are then. Headers (a login) and resource attributes come from the standard variables
/// <c>OTEL_EXPORTER_OTLP_HEADERS</c> and <c>OTEL_RESOURCE_ATTRIBUTES</c> of the unit.
/// </summary>
internal sealed class OtlpExport : IDisposable
{
    private const string MetricsPath = "/v1/metrics";

    private static readonly TimeSpan LongestSend = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);

    /// <summary>The last values are sent while the service drains; a collector that hangs gets no longer than this.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromMilliseconds(500);

    private readonly MeterProvider _provider;

    public OtlpExport(ServiceMeter meter, Uri endpoint, TimeSpan interval, ILogger logger)
    {
        var collector = new Uri(endpoint.AbsolutePath == "/" ? endpoint.GetLeftPart(UriPartial.Authority) + MetricsPath : endpoint.AbsoluteUri);
        var timeout = interval < LongestSend ? interval : LongestSend;
        _provider = Sdk.CreateMeterProviderBuilder()
            .AddMeter(meter.Meter.Name)
            .SetResourceBuilder(ResourceBuilder.CreateEmpty()
                .AddService(ServiceMeter.Name, serviceVersion: StatusReport.Version, serviceInstanceId: Environment.MachineName)
                .AddEnvironmentVariableDetector())
            .AddOtlpExporter((exporter, reader) =>
            {
                exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
                exporter.Endpoint = collector;
                exporter.TimeoutMilliseconds = (int)timeout.TotalMilliseconds;
                exporter.HttpClientFactory = () => Client(collector, timeout, logger);
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)interval.TotalMilliseconds;
                reader.PeriodicExportingMetricReaderOptions.ExportTimeoutMilliseconds = (int)timeout.TotalMilliseconds;
            })
            .Build();
    }

    /// <summary>Sends a last time, for at most half a second.</summary>
    public void Stop() => _provider.Shutdown((int)StopTimeout.TotalMilliseconds);

    public void Dispose() => _provider.Dispose();

    private static HttpClient Client(Uri collector, TimeSpan timeout, ILogger logger)
    {
        var connections = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = ConnectTimeout < timeout ? ConnectTimeout : timeout,
            MaxConnectionsPerServer = 1,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        return new HttpClient(new OtlpWatch(connections, collector.GetLeftPart(UriPartial.Path), logger)) { Timeout = timeout };
    }
}
