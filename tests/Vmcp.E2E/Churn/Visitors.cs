using System.Collections.Concurrent;
using Vmcp.TestKit;

namespace Vmcp.E2E.Churn;

/// <summary>Clients of both eras that use the members nobody changes, in one session each, while others come and go.</summary>
internal sealed class Visitors : IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly List<ServerStream> _streams = [];
    private readonly List<LegacyClient> _legacy = [];
    private readonly List<ModernClient> _modern = [];
    private Task _working = Task.CompletedTask;
    private int _calls;

    /// <summary>Every call that did not give its result, in words.</summary>
    public IReadOnlyList<string> Failures => [.. _failures];

    public int Calls => _calls;

    /// <summary>How many streams were told of a change at least once, of how many.</summary>
    public (int Told, int Of) Streams => (_streams.Count(s => s.Count("notifications/tools/list_changed") > 0), _streams.Count);

    public static async Task<Visitors> StartAsync(Uri url, int each, IReadOnlyList<string> tools)
    {
        Visitors visitors = new();
        List<Task> working = [];
        for (int n = 0; n < each; n++)
        {
            LegacyClient legacy = await LegacyClient.ConnectAsync(url);
            visitors._legacy.Add(legacy);
            visitors._streams.Add(await legacy.OpenStreamAsync());
            working.Add(visitors.WorkAsync($"legacy {n}", tools, (tool, input) => legacy.CallToolAsync(tool, input)));
            ModernClient modern = new(url);
            visitors._modern.Add(modern);
            working.Add(visitors.WorkAsync($"modern {n}", tools, (tool, input) => modern.CallToolAsync(tool, input)));
        }

        visitors._working = Task.WhenAll(working);
        return visitors;
    }

    public async Task EndAsync()
    {
        await _ending.CancelAsync();
        await _working;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        foreach (LegacyClient client in _legacy)
            await client.DisposeAsync();
        foreach (ModernClient client in _modern)
            await client.DisposeAsync();
        _ending.Dispose();
    }

    private async Task WorkAsync(string who, IReadOnlyList<string> tools, Func<string, string, Task<RpcAnswer>> call)
    {
        for (int n = 0; !_ending.IsCancellationRequested; n++)
        {
            string tool = tools[n % tools.Count];
            try
            {
                RpcAnswer answer = await call(tool, $$"""{"input":"{{who}} {{n}}"}""");
                if (answer.Result is null || answer.Text() != $"{who} {n}")
                    _failures.Enqueue($"{who}, {tool}: {answer}");
            }
            catch (Exception e) when (e is HttpRequestException or IOException or InvalidOperationException or InvalidDataException)
            {
                _failures.Enqueue($"{who}, {tool}: {e.GetType().Name} {e.Message}");
            }

            Interlocked.Increment(ref _calls);
            await Task.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None);
        }
    }
}
