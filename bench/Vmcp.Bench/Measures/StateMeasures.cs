using System.Diagnostics;

using Vmcp.Bench.Results;
using Vmcp.Bench.Running;

namespace Vmcp.Bench.Measures;

/// <summary>A figure that is not calls in a second.</summary>
/// <param name="Name">What.</param>
/// <param name="Unit">In what.</param>
/// <param name="Figure">How much, in each run.</param>
/// <param name="Budget">The most it may be (design 8); null where there is no budget.</param>
internal sealed record StateRow(string Name, string Unit, Figure Figure, double? Budget = null);

/// <summary>What the gateway needs to start, to hold sessions and to answer lists.</summary>
/// <param name="runs">How often what is short is measured.</param>
/// <param name="progress">Told what runs.</param>
internal sealed class StateMeasures(int runs, Action<string> progress)
{
    private const int Sessions = 10_000;
    private const string Call = """{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"legacy_echo","arguments":{"message":"hello"}}}""";
    private const string List = """{"jsonrpc":"2.0","id":3,"method":"tools/list"}""";

    /// <summary>Everything.</summary>
    public async Task<IReadOnlyList<StateRow>> RunAsync(CancellationToken cancellationToken)
    {
        List<StateRow> rows = [];
        rows.AddRange(await StartAsync(cancellationToken));
        rows.AddRange(await SessionsAsync(cancellationToken));
        rows.AddRange(await new ProgressMeasure(progress).RunAsync(cancellationToken));
        foreach (int tools in (int[])[100, 1_000, 10_000])
            rows.AddRange(await ListsAsync(tools, cancellationToken));
        return rows;
    }

    /// <summary>From the start of the process to ready, to the first answered call, and what it holds then.</summary>
    private async Task<IReadOnlyList<StateRow>> StartAsync(CancellationToken cancellationToken)
    {
        await using Echo echo = await Echo.StartAsync("legacy", cancellationToken);
        List<double> ready = [], called = [], idle = [];
        string yaml = Configurations.Of([("legacy", echo.Url)]);
        for (int run = 0; run < Math.Max(runs, 7); run++)
        {
            progress($"start {run + 1}");
            Stopwatch watch = Stopwatch.StartNew();
            await using GatewayProcess gateway = await GatewayProcess.StartAsync("gateway-start", yaml, cancellationToken);
            ready.Add(watch.Elapsed.TotalMilliseconds);
            string session = await Handshake.OpenAsync(gateway.Url, null, cancellationToken);
            (await Handshake.PostAsync(gateway.Url, Call, session, null, cancellationToken)).EnsureSuccessStatusCode().Dispose();
            called.Add(watch.Elapsed.TotalMilliseconds);
            await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
            idle.Add(gateway.Process.ResidentMb());
        }

        return
        [
            new StateRow("start to ready", "ms", new Figure(ready), 500),
            new StateRow("start to the first call answered", "ms", new Figure(called)),
            new StateRow("memory at rest after one call", "MB", new Figure(idle), 90),
        ];
    }

    /// <summary>10,000 sessions, each initialize, initialized and one call, kept open without a connection of its own.</summary>
    private async Task<IReadOnlyList<StateRow>> SessionsAsync(CancellationToken cancellationToken)
    {
        await using Echo echo = await Echo.StartAsync("legacy", cancellationToken);
        await using GatewayProcess gateway = await GatewayProcess.StartAsync("gateway-sessions", Configurations.Of([("legacy", echo.Url)]), cancellationToken);
        await OpenAsync(gateway, 2_000, cancellationToken); // hot code and a heap of working size first
        await Task.Delay(TimeSpan.FromSeconds(3), cancellationToken);
        double before = gateway.Process.ResidentMb();
        (double User, double Kernel) cpu = gateway.Process.Cpu();
        Stopwatch watch = Stopwatch.StartNew();
        await OpenAsync(gateway, Sessions, cancellationToken);
        double seconds = watch.Elapsed.TotalSeconds;
        (double User, double Kernel) after = gateway.Process.Cpu();
        await Task.Delay(TimeSpan.FromSeconds(10), cancellationToken);
        double held = gateway.Process.ResidentMb() - before;
        return
        [
            new StateRow("sessions set up", "1/s", new Figure([Sessions / seconds])),
            new StateRow("CPU of a session's set-up and first call", "µs", new Figure([(after.User + after.Kernel - cpu.User - cpu.Kernel) * 1e6 / Sessions])),
            new StateRow("memory of an idle session", "KB", new Figure([held * 1e6 / 1024 / Sessions]), 16),
        ];
    }

    private async Task OpenAsync(GatewayProcess gateway, int count, CancellationToken cancellationToken)
    {
        int opened = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken }, async (_, token) =>
        {
            string session = await Handshake.OpenAsync(gateway.Url, null, token);
            (await Handshake.PostAsync(gateway.Url, Call, session, null, token)).EnsureSuccessStatusCode().Dispose();
            if (Interlocked.Increment(ref opened) % 1_000 == 0)
                progress($"{opened} sessions of {count}");
        });
    }

    /// <summary>tools/list of one backend with many tools.</summary>
    private async Task<IReadOnlyList<StateRow>> ListsAsync(int tools, CancellationToken cancellationToken)
    {
        progress($"lists of {tools} tools");
        await using Echo echo = await Echo.StartAsync("legacy", cancellationToken, tools);
        await using GatewayProcess gateway = await GatewayProcess.StartAsync($"gateway-{tools}-tools", Configurations.Of([("legacy", echo.Url)]), cancellationToken);
        string session = await Handshake.OpenAsync(gateway.Url, null, cancellationToken);
        List<double> times = [];
        long bytes = 0;
        int count = tools >= 10_000 ? 100 : 400;
        for (int i = 0; i < count * 2; i++)
        {
            long start = Stopwatch.GetTimestamp();
            using HttpResponseMessage answer = await Handshake.PostAsync(gateway.Url, List, session, null, cancellationToken);
            bytes = (await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(cancellationToken)).Length;
            if (i >= count)
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
        times.Sort();
        return
        [
            new StateRow($"tools/list, {tools} tools: p50", "ms", new Figure([times[times.Count / 2]])),
            new StateRow($"tools/list, {tools} tools: p99", "ms", new Figure([times[times.Count * 99 / 100]])),
            new StateRow($"tools/list, {tools} tools: first page", "KB", new Figure([bytes / 1024.0])),
            new StateRow($"memory with {tools} tools", "MB", new Figure([gateway.Process.ResidentMb()])),
        ];
    }
}
