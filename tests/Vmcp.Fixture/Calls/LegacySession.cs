using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Vmcp.Fixture.Calls;

/// <summary>A client between <c>initialize</c> and its end, over Streamable HTTP or over HTTP+SSE.</summary>
internal sealed class LegacySession : IDisposable
{
    // Enough to resume a call of a moment ago; older streams are forgotten.
    private const int StreamsKept = 64;

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<long, TaskCompletionSource<JsonObject>> _asked = new();
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _calls = new();
    private readonly ConcurrentDictionary<string, byte> _watched = new();
    private readonly ConcurrentQueue<EventStream> _streams = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly IDisposable _listening;
    private long _lastAsk;
    private long _lastStream;

    public LegacySession(Changes changes) => _listening = changes.Listen(change =>
    {
        if (change.Uri is null || _watched.ContainsKey(change.Uri))
            Standalone.Append(Rpc.Notification(change.Method, change.Params()));
    });

    public string Id { get; } = Guid.NewGuid().ToString("N");

    public JsonObject Capabilities { get; set; } = [];

    public string Revision { get; set; } = "2025-03-26";

    public string? LogLevel { get; set; }

    /// <summary>What belongs to no call: the GET stream; over HTTP+SSE it carries everything.</summary>
    public EventStream Standalone { get; } = new("get");

    public void Watch(string uri) => _watched[uri] = 0;

    public void Unwatch(string uri) => _watched.TryRemove(uri, out _);

    public EventStream NewStream()
    {
        EventStream stream = new("call" + Interlocked.Increment(ref _lastStream).ToString(CultureInfo.InvariantCulture));
        _streams.Enqueue(stream);
        while (_streams.Count > StreamsKept)
            _streams.TryDequeue(out _);
        return stream;
    }

    /// <summary>The stream an event id belongs to and the number in it; null when it is not ours.</summary>
    public (EventStream Stream, int After)? Find(string eventId)
    {
        int dash = eventId.LastIndexOf('-');
        if (dash < 0 || !int.TryParse(eventId.AsSpan(dash + 1), CultureInfo.InvariantCulture, out int after))
            return null;
        string name = eventId[..dash];
        EventStream? stream = name == Standalone.Name ? Standalone : _streams.FirstOrDefault(candidate => candidate.Name == name);
        return stream is null ? null : (stream, after);
    }

    /// <summary>Remembers a running call so that <c>notifications/cancelled</c> finds it.</summary>
    public CancellationTokenSource Begin(JsonNode id) =>
        _calls[id.ToJsonString()] = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);

    public void Done(JsonNode id)
    {
        if (_calls.TryRemove(id.ToJsonString(), out CancellationTokenSource? call))
            call.Dispose();
    }

    public void Cancel(JsonNode? id)
    {
        if (id is not null && _calls.TryGetValue(id.ToJsonString(), out CancellationTokenSource? call))
            call.Cancel();
    }

    /// <summary>Sends a request to the client on that stream and waits for its answer.</summary>
    public async Task<JsonObject> AskAsync(EventStream stream, string method, JsonObject parameters, CancellationToken cancellationToken)
    {
        long id = Interlocked.Increment(ref _lastAsk);
        TaskCompletionSource<JsonObject> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[id] = answer;
        try
        {
            stream.Append(Rpc.Request(id, method, parameters));
            JsonObject response = await answer.Task.WaitAsync(AnswerLimit, cancellationToken);
            return response["result"]?.DeepClone().AsObject()
                ?? throw new AskRefusedException(response["error"]?["message"]?.GetValue<string>() ?? "no result");
        }
        catch (TimeoutException)
        {
            throw new AskRefusedException($"{method} was not answered in {AnswerLimit.TotalSeconds} s");
        }
        finally
        {
            _asked.TryRemove(id, out _);
        }
    }

    /// <summary>Takes the client's answer; false when nothing of that id was asked.</summary>
    public bool Answer(JsonObject response) =>
        response["id"] is JsonValue id && id.TryGetValue(out long number) && _asked.TryGetValue(number, out var answer)
        && answer.TrySetResult(response);

    /// <summary>Cancels whatever runs.</summary>
    public void CancelAll() => _ended.Cancel();

    public void Dispose()
    {
        _listening.Dispose();
        _ended.Cancel();
        Standalone.Complete();
    }
}
