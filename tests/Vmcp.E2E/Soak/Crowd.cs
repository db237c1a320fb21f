using Vmcp.TestKit;

namespace Vmcp.E2E.Soak;

/// <summary>Clients of both eras that list, call, listen, leave and come back, until stopped. A tool that just left may be refused; nothing else may fail.</summary>
internal sealed class Crowd(Uri endpoint)
{
    private const int CallsOfAVisit = 40;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private int _calls;
    private int _refused;
    private int _visits;

    public int Calls => Volatile.Read(ref _calls);

    public int Refused => Volatile.Read(ref _refused);

    public int Visits => Volatile.Read(ref _visits);

    public Task RunAsync(int ofEach, CancellationToken stop) => Task.WhenAll(
        Enumerable.Range(0, ofEach).SelectMany(_ => new[] { UntilAsync(LegacyVisitAsync, stop), UntilAsync(ModernVisitAsync, stop) }));

    private static async Task UntilAsync(Func<CancellationToken, Task> visit, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
            await visit(stop);
    }

    private async Task LegacyVisitAsync(CancellationToken stop)
    {
        await using LegacyClient client = await LegacyClient.ConnectAsync(endpoint, cancellationToken: CancellationToken.None);
        await using (await client.OpenStreamAsync())
            await CallAsync(client.ListToolNamesAsync, tool => client.CallToolAsync(tool, Arguments), stop);
        // A session of a client that is just gone lives on for half an hour, which would hide a slow leak; idle sessions have a test of their own.
        await client.DeleteAsync();
        Interlocked.Increment(ref _visits);
    }

    private async Task ModernVisitAsync(CancellationToken stop)
    {
        await using ModernClient client = new(endpoint);
        await using (await client.ListenAsync("""{"toolsListChanged":true}"""))
            await CallAsync(client.ListToolNamesAsync, tool => client.CallToolAsync(tool, Arguments), stop);
        Interlocked.Increment(ref _visits);
    }

    private const string Arguments = """{"input":"soak"}""";

    private async Task CallAsync(Func<Task<IReadOnlyList<string>>> list, Func<string, Task<RpcAnswer>> call, CancellationToken stop)
    {
        for (int n = 0; n < CallsOfAVisit && !stop.IsCancellationRequested; n++)
        {
            IReadOnlyList<string> tools = await list();
            if (tools.Count > 0)
            {
#pragma warning disable CA5394 // Which tool is called guards nothing.
                RpcAnswer answer = await call(tools[Random.Shared.Next(tools.Count)]);
#pragma warning restore CA5394
                Interlocked.Increment(ref _calls);
                if (answer.Error is not null || answer.RawText.Contains("\"isError\":true", StringComparison.Ordinal))
                    Interlocked.Increment(ref _refused);
            }

            await Task.Delay(Pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
