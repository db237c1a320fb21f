using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Vmcp.Fixture.Calls;

/// <summary>One message on a stream; the id is what <c>Last-Event-ID</c> names.</summary>
internal sealed record StreamEvent(string Id, JsonObject Message);

/// <summary>
/// The messages of one stream in order: written by the call, read by the HTTP response that carries it, and again by the one that
/// resumes it. The oldest go when there are more than <see cref="Kept"/>.
/// </summary>
internal sealed class EventStream(string name)
{
    public const int Kept = 2000;

    private readonly Lock _gate = new();
    private readonly Queue<JsonObject> _messages = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _first = 1;
    private bool _complete;
    private int _disconnects;
    private int _delivered;

    public string Name => name;

    /// <summary>The event id of the nothing before the first message: what a priming event carries.</summary>
    public string StartId => $"{name}-0";

    /// <summary>The number of the last message that somebody read.</summary>
    public int Delivered
    {
        get
        {
            lock (_gate)
                return _delivered;
        }
    }

    public void Append(JsonObject message) => Change(() =>
    {
        _messages.Enqueue(message);
        if (_messages.Count > Kept)
        {
            _messages.Dequeue();
            _first++;
        }
    });

    /// <summary>Nothing more will come.</summary>
    public void Complete() => Change(() => _complete = true);

    /// <summary>Ends whoever reads now; the messages go on and wait for a reader.</summary>
    public void Disconnect() => Change(() => _disconnects++);

    /// <summary>
    /// Reads what comes after the message of that number, up to the end or to a disconnect. Whoever resumes is not concerned by the
    /// disconnects before.
    /// </summary>
    public async IAsyncEnumerable<StreamEvent> ReadAsync(
        int after, bool resumes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int seenDisconnects = 0;
        if (resumes)
        {
            lock (_gate)
                seenDisconnects = _disconnects;
        }

        while (true)
        {
            List<StreamEvent> batch = [];
            Task changed;
            bool last;
            lock (_gate)
            {
                int number = _first;
                foreach (JsonObject message in _messages)
                {
                    if (number > after)
                    {
                        batch.Add(new StreamEvent($"{name}-{number}", message));
                        after = number;
                    }

                    number++;
                }

                _delivered = Math.Max(_delivered, after);
                changed = _changed.Task;
                last = _complete || _disconnects != seenDisconnects;
            }

            foreach (StreamEvent item in batch)
                yield return item;
            if (last)
                yield break;
            await changed.WaitAsync(cancellationToken);
        }
    }

    private void Change(Action change)
    {
        TaskCompletionSource wake;
        lock (_gate)
        {
            change();
            wake = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        wake.SetResult();
    }
}
