namespace Vmcp.TestKit;

/// <summary>
/// The ordered messages of one answer or stream. Handlers append and never wait for the wire; whoever holds the HTTP response follows. A
/// follower that lost its connection can come back and continue, which is all that Last-Event-ID needs.
/// </summary>
internal sealed class Outbox(int number)
{
    private readonly Lock _gate = new();
    private readonly List<string> _messages = [];
    private TaskCompletionSource _changed = New();
    private bool _finished;
    private int _followers;

    /// <summary>The stream's number within its backend; part of its event ids.</summary>
    public int Number => number;

    public int Followers => Volatile.Read(ref _followers);

    public bool IsFinished
    {
        get
        {
            lock (_gate)
                return _finished;
        }
    }

    /// <summary>Appends one message; false when the stream has ended.</summary>
    public bool Send(string message) => Change(message, finish: false);

    /// <summary>Ends the stream, after <paramref name="last"/> when given.</summary>
    public void Finish(string? last = null) => Change(last, finish: true);

    /// <summary>Marks a follower as present until the result is disposed.</summary>
    public IDisposable Attach() => new Attachment(this);

    /// <summary>Waits until there is a message at <paramref name="index"/>; null means the stream ended before it.</summary>
    public async Task<string?> AtAsync(int index, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (index < _messages.Count)
                    return _messages[index];
                if (_finished)
                    return null;
                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>True when the message at <paramref name="index"/> is the last one there will be.</summary>
    public bool EndsAt(int index)
    {
        lock (_gate)
            return _finished && index == _messages.Count - 1;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private bool Change(string? message, bool finish)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            if (_finished)
                return false;
            if (message is not null)
                _messages.Add(message);
            _finished = finish;
            changed = _changed;
            _changed = New();
        }

        changed.TrySetResult();
        return true;
    }

    private sealed class Attachment : IDisposable
    {
        private readonly Outbox _box;

        public Attachment(Outbox box)
        {
            _box = box;
            Interlocked.Increment(ref box._followers);
        }

        public void Dispose() => Interlocked.Decrement(ref _box._followers);
    }
}
