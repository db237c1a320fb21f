using System.Collections.Concurrent;
using System.Collections.Immutable;

using Vmcp.Core.Backends;

namespace Vmcp.Gateway.Tests.Live;

/// <summary>A source of backends that says what a test tells it to.</summary>
public sealed class ScriptedSource : IBackendSource
{
    private readonly Lock _lock = new();
    private readonly ConcurrentQueue<string> _unauthorized = new();
    private volatile SourcePicture _current = new(BackendSet.Empty, [], new SourceState { Kind = "kubernetes", Synced = true });

    /// <inheritdoc/>
    public event Action? Changed;

    /// <inheritdoc/>
    public SourcePicture Current => _current;

    /// <summary>The backends for which a 401 was reported, in order.</summary>
    public IReadOnlyList<string> Unauthorized => [.. _unauthorized];

    /// <summary>Called on each report of a 401.</summary>
    public Action<string> WhenUnauthorized { get; set; } = static _ => { };

    /// <summary>Adds a backend, or puts another one in the place of one of the same name.</summary>
    public void Put(Backend backend) => Change(all => [.. all.Where(b => b.Name != backend.Name), backend]);

    /// <summary>Changes a backend.</summary>
    public void Edit(string name, Func<Backend, Backend> change) => Change(all => [.. all.Select(b => b.Name == name ? change(b) : b)]);

    /// <summary>Takes backends away, in one step.</summary>
    public void Remove(params string[] names) => Change(all => [.. all.Where(b => !names.Contains(b.Name))]);

    /// <summary>Hands over the same backends anew, built from scratch.</summary>
    public void Repeat() => Change(all => [.. all.Select(b => b with { Url = new Uri(b.Url.AbsoluteUri), Strategy = Copy(b.Strategy) })]);

    /// <summary>One new picture out of the one before.</summary>
    public void Change(Func<ImmutableArray<Backend>, ImmutableArray<Backend>> change)
    {
        lock (_lock)
        {
            BackendSet before = _current.Backends;
            _current = _current with { Backends = BackendSet.Create(before.Version + 1, change(before.Backends)) };
            Changed?.Invoke();
        }
    }

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = cancellationToken.Register(stopped.SetResult);
        await stopped.Task;
    }

    /// <inheritdoc/>
    public void OnUnauthorized(string backend)
    {
        _unauthorized.Enqueue(backend);
        WhenUnauthorized(backend);
    }

    private static Strategy Copy(Strategy strategy) =>
        strategy is HeaderInjectionStrategy header ? new HeaderInjectionStrategy(header.HeaderName, new Secret(header.Value.Reveal())) : strategy;
}
