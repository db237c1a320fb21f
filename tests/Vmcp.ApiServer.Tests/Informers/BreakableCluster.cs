using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.ApiServer.Tests.Informers;

/// <summary>A cluster whose line can be cut: watches break off, and nothing can be asked until it is mended.</summary>
#pragma warning disable CA1001 // The token sources hold no timer and nothing else to let go.
internal sealed class BreakableCluster(ICluster inner) : ICluster
#pragma warning restore CA1001
{
    private CancellationTokenSource _line = new();
    private int _lists;

    public int Lists => Volatile.Read(ref _lists);

    public void Break() => _line.Cancel();

    public void Mend() => _line = new CancellationTokenSource();

    public Task<KubeObject?> GetAsync(ResourceType type, ObjectKey key, CancellationToken cancellationToken) =>
        Via(() => inner.GetAsync(type, key, cancellationToken));

    public Task<ObjectPage> ListAsync(ResourceType type, ListOptions options, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _lists);
        return Via(() => inner.ListAsync(type, options, cancellationToken));
    }

    public async IAsyncEnumerable<WatchEvent> WatchAsync(
        ResourceType type, WatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        CancellationToken line = _line.Token;
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(line, cancellationToken);
        IAsyncEnumerator<WatchEvent> events = inner.WatchAsync(type, options, both.Token).GetAsyncEnumerator(CancellationToken.None);
        await using (events)
        {
            while (true)
            {
                try
                {
                    if (!await events.MoveNextAsync())
                        yield break;
                }
                catch (OperationCanceledException) when (line.IsCancellationRequested)
                {
                    throw Cut();
                }

                yield return events.Current;
            }
        }
    }

    public Task<KubeObject> CreateAsync(ResourceType type, JsonObject body, WriteOptions options, CancellationToken cancellationToken) =>
        Via(() => inner.CreateAsync(type, body, options, cancellationToken));

    public Task<KubeObject> ReplaceAsync(ResourceType type, JsonObject body, WriteOptions options, CancellationToken cancellationToken) =>
        Via(() => inner.ReplaceAsync(type, body, options, cancellationToken));

    public Task<KubeObject> PatchAsync(ResourceType type, ObjectKey key, Patch patch, WriteOptions options, CancellationToken cancellationToken) =>
        Via(() => inner.PatchAsync(type, key, patch, options, cancellationToken));

    public Task<bool> DeleteAsync(ResourceType type, ObjectKey key, DeleteOptions options, CancellationToken cancellationToken) =>
        Via(() => inner.DeleteAsync(type, key, options, cancellationToken));

    private async Task<T> Via<T>(Func<Task<T>> ask) => _line.IsCancellationRequested ? throw Cut() : await ask();

    private static KubeException Cut() => new(KubeError.Unreachable, "the line is cut");
}
