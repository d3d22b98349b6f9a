using System.Collections.Concurrent;

namespace AuthzPlugin.Enforcement.TrustData.Refresh;

/// <summary>When each trust server last answered and last failed, for whoever looks. It decides nothing. Safe for concurrent use.</summary>
internal sealed class ServerHistory(TimeProvider time)
{
    private const int MaximumServers = 1024;

    private readonly ConcurrentDictionary<string, TrustServerState> _servers = new(StringComparer.Ordinal);

    /// <summary>Every server that was asked, by name.</summary>
    public IReadOnlyList<TrustServerState> All => [.. _servers.Values.OrderBy(s => s.Server, StringComparer.Ordinal)];

    /// <param name="took">How long the whole update took; null when it came to an early end.</param>
    public void Answered(string server, TimeSpan? took) =>
        Change(server, s => s with { LastSuccess = time.GetUtcNow(), Latency = took ?? s.Latency });

    public void Failed(string server, string problem) => Change(server, s => s with { LastFailure = time.GetUtcNow(), Problem = problem });

    private void Change(string server, Func<TrustServerState, TrustServerState> change)
    {
        if (_servers.Count >= MaximumServers && !_servers.ContainsKey(server))
        {
            _servers.Clear();
        }

        _servers.AddOrUpdate(server, s => change(new TrustServerState(s)), (_, before) => change(before));
    }
}
