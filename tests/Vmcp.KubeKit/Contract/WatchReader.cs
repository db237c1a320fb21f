using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.KubeKit.Contract;

/// <summary>Reads a watch one change at a time, past bookmarks, which a server sends when it likes.</summary>
public sealed class WatchReader : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly IAsyncEnumerator<WatchEvent> _events;
    private readonly TimeSpan _limit;

    public WatchReader(ICluster cluster, ResourceType type, WatchOptions options, TimeSpan limit)
    {
        _events = cluster.WatchAsync(type, options, _stop.Token).GetAsyncEnumerator(_stop.Token);
        _limit = limit;
    }

    /// <summary>The next change; fails when none comes in time or the watch ends.</summary>
    public async Task<WatchEvent> NextAsync()
    {
        using var limit = new CancellationTokenSource(_limit);
        using CancellationTokenRegistration stop = limit.Token.Register(_stop.Cancel);
        try
        {
            while (await _events.MoveNextAsync())
            {
                if (_events.Current.Kind != WatchEventKind.Bookmark)
                    return _events.Current;
            }
        }
        catch (OperationCanceledException e) when (limit.IsCancellationRequested)
        {
            throw new TimeoutException($"no change came on the watch in {_limit.TotalSeconds:0} s", e);
        }

        throw new InvalidOperationException("the watch ended");
    }

    /// <summary>The next change as text: <c>Added name</c>.</summary>
    public async Task<string> NextTextAsync()
    {
        WatchEvent next = await NextAsync();
        return $"{next.Kind} {next.Object.Meta.Name}";
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _events.DisposeAsync();
        }
        finally
        {
            _stop.Dispose();
        }
    }
}
