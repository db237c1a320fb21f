using System.Runtime.CompilerServices;

using Vmcp.Core.Waiting;
using Vmcp.Gateway.Backends;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Sessions;

/// <summary>One numbered event of a stream.</summary>
/// <param name="Number">Grows by one within the stream.</param>
/// <param name="Json">The message.</param>
public readonly record struct StreamEvent(long Number, ReadOnlyMemory<byte> Json);

/// <summary>
/// What waits to be sent on a session's standalone stream. Keeps a bounded tail so that a client that comes back with
/// <c>Last-Event-ID</c> gets what it missed. <c>list_changed</c> is a flag, not a queue: a storm is one event.
/// </summary>
/// <param name="first">
/// The number before the first event. Where ids of several replicas may meet, a random one keeps the id of another's event from being taken for
/// one of ours.
/// </param>
public sealed class Outbox(long first = 0)
{
    /// <summary>Events kept for a client that is away; the oldest go first.</summary>
    internal const int MaxEvents = 256;

    /// <summary>Bytes kept for a client that is away.</summary>
    internal const int MaxBytes = 1024 * 1024;

    /// <summary>Shortest time between two <c>list_changed</c> of one stream.</summary>
    private static readonly TimeSpan ChangeGap = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private Queue<StreamEvent>? _events;
    private readonly AsyncSignal _signal = new();
    private ListChanges _changes;
    private CancellationTokenSource? _reader;
    private long _bytes;
    private readonly long _first = first;
    private long _last = first;
    private long _delivered = first;
    private bool _completed;

    /// <summary>Bytes of the events that are kept.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
                return _bytes;
        }
    }

    /// <summary>Queues a message.</summary>
    public void Add(ReadOnlyMemory<byte> json)
    {
        lock (_lock)
            Append(json);
        _signal.Set();
    }

    /// <summary>Keeps a message that the caller has sent, or failed to send, by itself; returns its number.</summary>
    public long Keep(ReadOnlyMemory<byte> json)
    {
        long number;
        lock (_lock)
        {
            Append(json);
            number = _last;
        }

        _signal.Set();
        return number;
    }

    /// <summary>Nothing will follow; a reader ends after the last event.</summary>
    public void Complete()
    {
        lock (_lock)
            _completed = true;
        _signal.Set();
    }

    /// <summary>Notes that lists changed.</summary>
    public void MarkChanged(ListChanges changes)
    {
        lock (_lock)
            _changes |= changes;
        _signal.Set();
    }

    /// <summary>
    /// Reads on from <paramref name="after"/> (null, or no number of this outbox: from what was last handed out). A new reader ends the one before: the
    /// client has come back on a new connection.
    /// </summary>
    public async IAsyncEnumerable<StreamEvent> ReadAsync(long? after, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using CancellationTokenSource mine = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        CancellationTokenSource? before;
        lock (_lock)
        {
            (before, _reader) = (_reader, mine);
            if (after >= _first && after <= _last)
                _delivered = after.Value;
        }

        if (before is not null)
            await EndAsync(before).ConfigureAwait(false);
        try
        {
            while (!mine.IsCancellationRequested)
            {
                (StreamEvent? next, bool changed, bool completed) = Take();
                if (next is { } item)
                {
                    yield return item;
                    if (changed)
                        await PauseAsync(time, mine.Token).ConfigureAwait(false);
                }
                else if (completed || !await WaitAsync(mine.Token).ConfigureAwait(false))
                {
                    yield break;
                }
            }
        }
        finally
        {
            lock (_lock)
            {
                if (ReferenceEquals(_reader, mine))
                    _reader = null;
            }
        }
    }

    /// <summary>The notifications for changed lists.</summary>
    internal static IEnumerable<string> MethodsOf(ListChanges changes)
    {
        if (changes.HasFlag(ListChanges.Tools))
            yield return Methods.ToolsChanged;
        if (changes.HasFlag(ListChanges.Resources))
            yield return Methods.ResourcesChanged;
        if (changes.HasFlag(ListChanges.Prompts))
            yield return Methods.PromptsChanged;
    }

    private static async Task EndAsync(CancellationTokenSource reader)
    {
        try
        {
            await reader.CancelAsync().ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself in the meantime.
        }
    }

    private static async Task PauseAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(ChangeGap, time, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The loop sees it.
        }
    }

    private async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _signal.WaitAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private (StreamEvent? Next, bool Changed, bool Completed) Take()
    {
        lock (_lock)
        {
            bool changed = _changes != ListChanges.None;
            foreach (string method in MethodsOf(_changes))
                Append(JsonRpc.Notification(method));
            _changes = ListChanges.None;
            foreach (StreamEvent item in _events ?? [])
            {
                if (item.Number <= _delivered)
                    continue;
                _delivered = item.Number;
                return (item, changed, false);
            }

            return (null, changed, _completed);
        }
    }

    private void Append(ReadOnlyMemory<byte> json)
    {
        _events ??= new Queue<StreamEvent>();
        _events.Enqueue(new StreamEvent(++_last, json));
        _bytes += json.Length;
        while (_events.Count > MaxEvents || (_bytes > MaxBytes && _events.Count > 1))
            _bytes -= _events.Dequeue().Json.Length;
    }
}
