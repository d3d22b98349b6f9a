using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.Approvals;

/// <summary>
/// All approvals, in memory and on disk. Nothing is evicted while its container exists; a full store takes no more
/// (then creates are refused, <see cref="IsFull"/>).
/// </summary>
public sealed class ApprovalStore
{
    private readonly ConcurrentDictionary<string, Approval> _approvals = new(StringComparer.Ordinal);
    private readonly StateFolder<Approval> _folder;
    private readonly ILogger<ApprovalStore> _logger;

    /// <param name="stateDirectory">Approvals live in its sub-folder <c>approvals</c>.</param>
    /// <param name="limit">Most approvals kept.</param>
    public ApprovalStore(string stateDirectory, int limit, ILogger<ApprovalStore> logger)
    {
        _logger = logger;
        Limit = limit;
        _folder = new StateFolder<Approval>(Path.Combine(stateDirectory, "approvals"), StateJson.Default.Approval, logger);
        foreach (var (key, approval) in _folder.Load())
        {
            if (key == approval.ContainerId)
            {
                _approvals[key] = approval;
            }
        }
    }

    public int Limit { get; }

    public int Count => _approvals.Count;

    public bool IsFull => _approvals.Count >= Limit;

    /// <summary>The repositories that containers were approved from.</summary>
    public IReadOnlyList<string> Repositories => [.. _approvals.Values.Select(a => a.Repository).Distinct(StringComparer.Ordinal)];

    public Approval? Find(string containerId) => _approvals.GetValueOrDefault(containerId);

    /// <exception cref="IOException">It could not be written; then it is not in force either.</exception>
    public void Add(Approval approval)
    {
        _folder.Write(approval.ContainerId, approval);
        _approvals[approval.ContainerId] = approval;
    }

    /// <summary>Removes the approvals of containers that are gone, except those written after <paramref name="listedAt"/>.</summary>
    public void KeepOnly(IEnumerable<string> existingContainers, DateTimeOffset listedAt)
    {
        var existing = existingContainers.ToHashSet(StringComparer.Ordinal);
        var gone = _approvals.Values.Where(a => a.ApprovedAt < listedAt && !existing.Contains(a.ContainerId)).ToArray();
        foreach (var approval in gone)
        {
            _folder.Delete(approval.ContainerId);
            _approvals.TryRemove(approval.ContainerId, out _);
        }

        if (gone.Length > 0)
        {
            Log.ApprovalsRemoved(_logger, gone.Length);
        }
    }
}
