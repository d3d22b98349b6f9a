namespace AuthzPlugin.Hosting;

/// <summary>
/// Between the exporter and its connection: says once in the log that the collector does not take metrics, and once that it does again;
/// and reads nothing of what it answers, so that nothing large or slow comes back.
/// </summary>
internal sealed class OtlpWatch(HttpMessageHandler inner, string collector, ILogger logger) : DelegatingHandler(inner)
{
    private int _failing;

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return Seen(base.Send(request, cancellationToken));
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            Failed(Problem(e));
            throw;
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return Seen(await base.SendAsync(request, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            Failed(Problem(e));
            throw;
        }
    }

    private HttpResponseMessage Seen(HttpResponseMessage response)
    {
        response.Content.Dispose();
        response.Content = new ByteArrayContent([]);
        if (!response.IsSuccessStatusCode)
        {
            Failed($"it answers with status {(int)response.StatusCode}");
        }
        else if (Interlocked.Exchange(ref _failing, 0) == 1)
        {
            Log.MetricsSentAgain(logger, collector);
        }

        return response;
    }

    private void Failed(string problem)
    {
        if (Interlocked.Exchange(ref _failing, 1) == 0)
        {
            Log.MetricsNotSent(logger, collector, problem);
        }
    }

    private static string Problem(Exception e) => e is OperationCanceledException ? "it does not answer in time" : e.Message.ReplaceLineEndings(" ");
}
