using System.Collections.Concurrent;
using System.Globalization;
using Vmcp.TestKit;

namespace Vmcp.E2E.Switching;

/// <summary>Clients that call all the time: some hold sessions and make long calls, one of each era makes short ones without pause.</summary>
internal sealed class Load : IAsyncDisposable
{
    private readonly Uri _url;
    private readonly Func<string, IDictionary<string, string>> _headersOf;
    private readonly List<LegacyClient> _callers = [];
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private Task _stream = Task.CompletedTask;
    private int _long;
    private int _running;
    private int _short;

    private Load(Uri url, Func<string, IDictionary<string, string>> headersOf) => (_url, _headersOf) = (url, headersOf);

    /// <summary>Every call that did not give its result, in words.</summary>
    public IReadOnlyList<string> Failures => [.. _failures];

    public int LongCalls => _long;

    public int ShortCalls => _short;

    /// <summary>Connects the callers and begins with the short calls.</summary>
    /// <param name="url">The gateway.</param>
    /// <param name="callers">How many hold sessions.</param>
    /// <param name="headersOf">What the clients of a user send.</param>
    public static async Task<Load> StartAsync(Uri url, int callers, Func<string, IDictionary<string, string>> headersOf)
    {
        Load load = new(url, headersOf);
        for (int n = 0; n < callers; n++)
            load._callers.Add(await LegacyClient.ConnectAsync(url, headers: headersOf($"caller-{n}")));
        load._stream = Task.WhenAll(load.LegacyStreamAsync(), load.ModernStreamAsync());
        return load;
    }

    /// <summary>A long call of every caller.</summary>
    public Task CallLongAsync() => Task.WhenAll(_callers.Select((caller, n) => WatchAsync($"long call {n}", async () =>
    {
        Interlocked.Increment(ref _running);
        try
        {
            return await caller.CallToolAsync("alpha_wait", Input(n));
        }
        finally
        {
            Interlocked.Decrement(ref _running);
            Interlocked.Increment(ref _long);
        }
    }, Text(n))));

    /// <summary>Waits until all long calls are on their way.</summary>
    public Task AllRunningAsync() => Eventually.BecomesAsync(() => Volatile.Read(ref _running) == _callers.Count, "all long calls run");

    /// <summary>A short call in every session, with the session id of the beginning.</summary>
    public Task UseEverySessionAsync() => Task.WhenAll(_callers.Select((caller, n) =>
        WatchAsync($"session {n}", () => caller.CallToolAsync("alpha_echo", Input(n)), Text(n))));

    public async Task EndAsync()
    {
        await _ending.CancelAsync();
        await _stream;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        foreach (LegacyClient caller in _callers)
            await caller.DisposeAsync();
        _ending.Dispose();
    }

    private async Task LegacyStreamAsync()
    {
        IDictionary<string, string> headers = _headersOf("legacy");
        await using LegacyClient first = await LegacyClient.ConnectAsync(_url, headers: headers);
        for (int n = 0; !_ending.IsCancellationRequested; n++)
        {
            // A connection of its own for each call, as from many clients; the session is the one of the beginning.
            await using LegacyClient client = LegacyClient.Unconnected(_url, headers);
            (client.SessionId, client.ProtocolVersion) = (first.SessionId, first.ProtocolVersion);
            await ShortAsync($"short legacy call {n}", () => client.CallToolAsync("alpha_echo", Input(n)), Text(n));
        }
    }

    private async Task ModernStreamAsync()
    {
        IDictionary<string, string> headers = _headersOf("modern");
        for (int n = 0; !_ending.IsCancellationRequested; n++)
        {
            await using ModernClient client = new(_url, headers: headers);
            await ShortAsync($"short modern call {n}", () => client.CallToolAsync("alpha_echo", Input(n)), Text(n));
        }
    }

    private async Task ShortAsync(string what, Func<Task<RpcAnswer>> call, string expected)
    {
        await WatchAsync(what, call, expected);
        Interlocked.Increment(ref _short);
        await Task.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None);
    }

    private async Task WatchAsync(string what, Func<Task<RpcAnswer>> call, string expected)
    {
        try
        {
            RpcAnswer answer = await call();
            if (answer.Result is null || answer.Text() != expected)
                _failures.Enqueue($"{DateTimeOffset.UtcNow:HH:mm:ss.fff} {what}: {answer}");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidOperationException or InvalidDataException)
        {
            _failures.Enqueue($"{DateTimeOffset.UtcNow:HH:mm:ss.fff} {what}: {e.GetType().Name} {e.Message} {e.InnerException?.Message}");
        }
    }

    private static string Text(int n) => n.ToString(CultureInfo.InvariantCulture);

    private static string Input(int n) => $$"""{"input":"{{n}}"}""";
}
