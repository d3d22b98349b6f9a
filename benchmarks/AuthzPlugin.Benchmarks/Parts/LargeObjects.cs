using System.Diagnostics.Tracing;

namespace AuthzPlugin.Benchmarks.Parts;

/// <summary>
/// Counts allocations on the large object heap. The runtime tells of an allocation each 100 KB and whenever one is larger, and with it
/// which heap it went to: every large object of more than that is told of.
/// </summary>
internal sealed class LargeObjects : EventListener
{
    private const EventKeywords GarbageCollector = (EventKeywords)1;
    private const int KindIndex = 1;
    private const uint LargeHeap = 1;

    private static readonly TimeSpan Delivery = TimeSpan.FromSeconds(1);

    private int _count;

    /// <summary>How many there were until now. The runtime tells of them a little later, on a thread of its own, which is waited for.</summary>
    public int CountNow()
    {
        Thread.Sleep(Delivery);
        return Volatile.Read(ref _count);
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime")
        {
            EnableEvents(eventSource, EventLevel.Verbose, GarbageCollector);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName?.StartsWith("GCAllocationTick", StringComparison.Ordinal) == true && eventData.Payload?[KindIndex] is LargeHeap)
        {
            Interlocked.Increment(ref _count);
        }
    }
}
