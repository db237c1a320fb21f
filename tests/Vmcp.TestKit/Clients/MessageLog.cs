using System.Text.Json;

namespace Vmcp.TestKit;

/// <summary>Messages in order of arrival; each can be taken once by <see cref="NextAsync"/>.</summary>
public sealed class MessageLog
{
    private readonly Lock _gate = new();
    private readonly List<JsonElement> _all = [];
    private readonly List<JsonElement> _open = [];
    private TaskCompletionSource _changed = New();
    private string? _end;

    /// <summary>Every message so far.</summary>
    public IReadOnlyList<JsonElement> All
    {
        get
        {
            lock (_gate)
                return [.. _all];
        }
    }

    /// <summary>Whether no more will come.</summary>
    public bool HasEnded
    {
        get
        {
            lock (_gate)
                return _end is not null;
        }
    }

    /// <summary>How many messages of a method came so far.</summary>
    public int Count(string method) => All.Count(m => Is(m, method));

    /// <summary>
    /// Takes the oldest untaken message of this method (null: of any), waiting for it. <see cref="TimeoutException"/> that shows what did
    /// come, when time runs out or the stream ends.
    /// </summary>
    public async Task<JsonElement> NextAsync(string? method = null, TimeSpan? timeout = null)
    {
        TimeSpan limit = timeout ?? Eventually.DefaultLimit;
        using var late = new CancellationTokenSource(limit);
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                int at = _open.FindIndex(m => method is null || Is(m, method));
                if (at >= 0)
                {
                    JsonElement found = _open[at];
                    _open.RemoveAt(at);
                    return found;
                }

                if (_end is not null || late.IsCancellationRequested)
                    throw new TimeoutException($"No {method ?? "message"} " +
                        (_end is null ? $"within {limit.TotalSeconds:0.#} s" : $"before the stream ended ({_end})") +
                        $". Received: {string.Join(" | ", _all.Select(m => m.GetRawText()))}");
                changed = _changed.Task;
            }

            await Task.WhenAny(changed, Task.Delay(Timeout.Infinite, late.Token));
        }
    }

    internal void Add(JsonElement message) => Change(() =>
    {
        _all.Add(message);
        _open.Add(message);
    });

    internal void End(string why) => Change(() => _end ??= why);

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static bool Is(JsonElement message, string method) => message.TryGetProperty("method", out JsonElement m) && m.GetString() == method;

    private void Change(Action change)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            change();
            changed = _changed;
            _changed = New();
        }

        changed.TrySetResult();
    }
}
