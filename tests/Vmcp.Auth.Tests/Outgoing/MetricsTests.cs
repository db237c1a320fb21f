using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

using Vmcp.TestKit;

namespace Vmcp.Auth.Tests.Outgoing;

public sealed class MetricsTests
{
    [Fact]
    public async Task Requests_failures_hits_and_what_is_in_flight_are_counted_with_words_of_fixed_sets()
    {
        await using SignBench bench = await SignBench.StartAsync();
        ConcurrentQueue<(string Name, double Value, string Tags)> seen = new();
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter == bench.Auth.Metrics.Meter)
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((i, value, tags, _) => seen.Enqueue((i.Name, value, Text(tags))));
        listener.SetMeasurementEventCallback<long>((i, value, tags, _) => seen.Enqueue((i.Name, value, Text(tags))));
        listener.Start();

        await bench.SignAsync(bench.Exchange, bench.Ada);
        await bench.SignAsync(bench.Exchange, bench.Ada);
        using (bench.Idp.Override(AuthKind.Token, AuthAnswer.Error("canary_code", "canary")))
        {
            await bench.RefusedAsync(bench.Exchange with { Audience = "canary" });
            await bench.RefusedAsync(bench.Exchange with { Audience = "canary" });
        }

        seen.Where(m => m.Name == "vmcp.token_cache").Select(m => m.Tags).ShouldBe(["result=miss", "result=hit", "result=miss", "result=refused"]);
        seen.Where(m => m.Name == "vmcp.token_exchange.duration").Select(m => m.Tags)
            .ShouldBe(["step=token_exchange", "step=token_exchange,error.type=refused"]);
        seen.Where(m => m.Name == "vmcp.token_exchange.active").Sum(m => m.Value).ShouldBe(0);
        seen.ShouldAllBe(m => !m.Tags.Contains("canary") && !m.Tags.Contains("ada"));
    }

    private static string Text(ReadOnlySpan<KeyValuePair<string, object?>> tags) => string.Join(',', tags.ToArray().Select(t => $"{t.Key}={t.Value}"));
}
