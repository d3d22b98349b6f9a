using System.Numerics;

namespace AuthzPlugin.Benchmarks.Soak;

/// <summary>
/// Counts times in buckets that are at most 1/16 wide, so that millions of them take no memory. Safe for several threads.
/// </summary>
internal sealed class Latencies
{
    private const int StepBits = 4;
    private const int Steps = 1 << StepBits;

    private readonly long[] _counts = new long[64 * Steps];

    public long Count => _counts.Sum();

    public void Add(TimeSpan time) => Interlocked.Increment(ref _counts[Bucket(Math.Max(1, (long)time.TotalMicroseconds))]);

    public void Add(Latencies others)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += others._counts[i];
        }
    }

    /// <summary>The time in milliseconds that so large a part of all did not exceed; 0 when there are none.</summary>
    public double Milliseconds(double part)
    {
        var left = (long)Math.Ceiling(Count * part);
        for (var i = 0; i < _counts.Length && left > 0; i++)
        {
            left -= _counts[i];
            if (left <= 0)
            {
                return Upper(i) / 1000.0;
            }
        }

        return 0;
    }

    private static int Bucket(long microseconds)
    {
        var exponent = BitOperations.Log2((ulong)microseconds);
        var step = exponent >= StepBits ? (int)(microseconds >> (exponent - StepBits)) & (Steps - 1) : (int)(microseconds << (StepBits - exponent)) & (Steps - 1);
        return (exponent * Steps) + step;
    }

    private static double Upper(int bucket) => Math.ScaleB(1 + (((bucket % Steps) + 1.0) / Steps), bucket / Steps);
}
