using Vmcp.Gateway.Backends;

namespace Vmcp.Gateway.Tests.Dashboard;

/// <summary>What is remembered is bounded, and the oldest goes first.</summary>
public sealed class RingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(59)]
    [InlineData(60)]
    [InlineData(61)]
    [InlineData(150)]
    public void The_last_60_probe_times_are_kept_in_order(int count)
    {
        ProbeTimes times = new();
        for (int i = 0; i < count; i++)
            times.Add(TimeSpan.FromMilliseconds(i), failed: i % 2 == 1);

        int first = Math.Max(0, count - 60);
        times.ToArray().Select(p => (int)p.Milliseconds).ShouldBe(Enumerable.Range(first, count - first));
        times.ToArray().Count(p => p.Failed).ShouldBe(Enumerable.Range(first, count - first).Count(i => i % 2 == 1));
    }
}
