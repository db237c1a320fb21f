using System.Diagnostics;
using System.Globalization;

namespace Vmcp.EndToEnd.Tests.World;

/// <summary>Collected durations of one kind of request.</summary>
public sealed class Latencies(string what)
{
    private readonly List<double> _milliseconds = [];

    /// <summary>Runs and times one request.</summary>
    public async Task MeasureAsync(Func<Task> request)
    {
        long start = Stopwatch.GetTimestamp();
        await request();
        _milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    /// <summary>The value below which this share of the requests lies, in ms.</summary>
    public double Percentile(double share)
    {
        double[] sorted = [.. _milliseconds.Order()];
        return sorted[Math.Min(sorted.Length - 1, (int)Math.Ceiling(sorted.Length * share) - 1)];
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{what,-34} n={_milliseconds.Count,4}  p50={Percentile(0.5),7:0.00} ms  p99={Percentile(0.99),7:0.00} ms");
}
