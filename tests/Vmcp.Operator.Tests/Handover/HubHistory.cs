using System.Collections.Concurrent;
using System.Text.Json;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Tests.Worlds;
using Vmcp.Resources;

namespace Vmcp.Operator.Tests.Handover;

/// <summary>Every version of <c>hub</c> from now on, as a watcher sees them.</summary>
internal sealed class HubHistory : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<KubeObject> _seen = new();
    private readonly Task _watching;

    private HubHistory(OperatorWorld world, string from) => _watching = Task.Run(async () =>
    {
        WatchOptions options = new() { Namespace = OperatorWorld.Namespace, ResourceVersion = from };
        try
        {
            await foreach (WatchEvent change in world.Cluster.WatchAsync(ToolHive.VirtualMCPServer, options, _stop.Token))
            {
                if (change.Object.Meta.Name == "hub")
                    _seen.Enqueue(change.Object);
            }
        }
        catch (OperationCanceledException)
        {
            // The test saw enough.
        }
    });

    public static async Task<HubHistory> FromNowAsync(OperatorWorld world) => new(world, (await world.HubAsync()).Meta.ResourceVersion);

    /// <summary>The phases in order, repetitions left out.</summary>
    public IReadOnlyList<string> Phases()
    {
        List<string> phases = [];
        foreach (KubeObject hub in _seen)
        {
            string phase = hub.At("status", "phase")?.GetString() ?? "";
            if (phases.Count == 0 || phases[^1] != phase)
                phases.Add(phase);
        }

        return phases;
    }

    /// <summary>What the versions say of the backends, repetitions left out: <c>alpha=ready beta=ready, 2</c>.</summary>
    public IReadOnlyList<string> Backends() => [.. _seen.Select(Shown).Distinct()];

    public static string Shown(KubeObject hub)
    {
        IEnumerable<string> backends = hub.At("status", "discoveredBackends") is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray().Select(b => $"{b.GetProperty("name").GetString()}={b.GetProperty("status").GetString()}")
            : [];
        return $"{string.Join(' ', backends)}, {hub.At("status", "backendCount")?.GetInt32()}";
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }
}
