using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;

using Vmcp.Bench.Results;
using Vmcp.Bench.Running;

namespace Vmcp.Bench.Measures;

/// <summary>2,000 progress events in a second through the gateway: how late each is, and whether one is missing or out of order.</summary>
/// <param name="progress">Told what runs.</param>
internal sealed class ProgressMeasure(Action<string> progress)
{
    private const int Events = 10_000;

    /// <summary>One call of five seconds, after one to warm up.</summary>
    public async Task<IReadOnlyList<StateRow>> RunAsync(CancellationToken cancellationToken)
    {
        progress($"{Events} progress events");
        await using Echo echo = await Echo.StartAsync("legacy-sse", cancellationToken);
        await using GatewayProcess gateway = await GatewayProcess.StartAsync("gateway-progress", Configurations.Of([("events", echo.Url)]), cancellationToken);
        await CallAsync(gateway.Url, cancellationToken);
        (double User, double Kernel) cpu = gateway.Process.Cpu();
        (List<double> delays, int wrong) = await CallAsync(gateway.Url, cancellationToken);
        (double User, double Kernel) after = gateway.Process.Cpu();
        delays.Sort();
        return
        [
            new StateRow("2,000 progress events a second: lost", "events", new Figure([Events - delays.Count]), 0),
            new StateRow("2,000 progress events a second: out of order", "events", new Figure([wrong]), 0),
            new StateRow("2,000 progress events a second: delay p50", "ms", new Figure([delays[delays.Count / 2]])),
            new StateRow("2,000 progress events a second: delay p99", "ms", new Figure([delays[delays.Count * 99 / 100]])),
            new StateRow("CPU of a relayed event", "µs", new Figure([(after.User + after.Kernel - cpu.User - cpu.Kernel) * 1e6 / Events])),
        ];
    }

    private static async Task<(List<double> Delays, int OutOfOrder)> CallAsync(Uri url, CancellationToken cancellationToken)
    {
        using HttpClient http = new() { Timeout = TimeSpan.FromMinutes(1) };
        string session = await Handshake.OpenAsync(url, null, cancellationToken);
        string call = """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"events_echo","arguments":{"message":"progress:COUNT"},"_meta":{"progressToken":1}}}"""
            .Replace("COUNT", Events.ToString("000000", CultureInfo.InvariantCulture), StringComparison.Ordinal);
        using HttpRequestMessage request = new(HttpMethod.Post, url) { Content = new StringContent(call, Encoding.UTF8, new MediaTypeHeaderValue("application/json")) };
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        request.Headers.TryAddWithoutValidation("Mcp-Session-Id", session);
        using HttpResponseMessage answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        List<double> delays = [];
        int wrong = 0;
        await foreach (SseItem<string> item in SseParser.Create(await answer.Content.ReadAsStreamAsync(cancellationToken)).EnumerateAsync(cancellationToken))
        {
            using JsonDocument message = JsonDocument.Parse(item.Data);
            if (!message.RootElement.TryGetProperty("params", out JsonElement told))
                continue;
            delays.Add(Stopwatch.GetElapsedTime(long.Parse(told.GetProperty("message").GetString()!, CultureInfo.InvariantCulture)).TotalMilliseconds);
            if (told.GetProperty("progress").GetInt32() != delays.Count)
                wrong++;
        }

        return (delays, wrong);
    }
}
