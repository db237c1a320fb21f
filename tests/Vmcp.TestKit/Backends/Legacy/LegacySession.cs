using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

namespace Vmcp.TestKit;

/// <summary>One legacy session: what was negotiated, what runs, and the stream for unsolicited messages.</summary>
internal sealed class LegacySession(string id, Outbox unsolicited)
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<JsonElement>> _asked = new();
    private int _lastAsked;

    public string Id => id;

    public string Revision { get; set; } = "";

    public JsonElement Capabilities { get; set; }

    public bool IsInitialized { get; set; }

    public bool SaidInitialized { get; set; }

    public string LogLevel { get; set; } = "debug";

    public ConcurrentDictionary<string, byte> Subscriptions { get; } = new();

    public ConcurrentDictionary<string, CancellationTokenSource> Running { get; } = new();

    public ConcurrentDictionary<int, Outbox> Resumable { get; } = new();

    public ServerTasks Tasks { get; } = new();

    /// <summary>The newest standalone stream; replaced when a client opens another one.</summary>
    public Outbox Unsolicited { get; set; } = unsolicited;

    /// <summary>Asks the client on this stream and waits for the POST that answers.</summary>
    public async Task<JsonElement> AskAsync(Question question, Outbox on, CancellationToken cancellationToken)
    {
        // Small numbers on purpose: two backends, and the client itself, then use the same ids.
        string idRaw = Interlocked.Increment(ref _lastAsked).ToString(CultureInfo.InvariantCulture);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[idRaw] = answer;
        try
        {
            on.Send(Rpc.Request(idRaw, question.Method, question.ParamsJson));
            JsonElement message = await answer.Task.WaitAsync(cancellationToken);
            if (!message.TryGetProperty("error", out JsonElement error))
                return message.GetProperty("result");
            throw new RpcErrorException(
                error.GetProperty("code").GetInt32(),
                error.GetProperty("message").GetString()!,
                error.TryGetProperty("data", out JsonElement data) ? data.GetRawText() : null);
        }
        finally
        {
            _asked.TryRemove(idRaw, out _);
        }
    }

    /// <summary>Hands a response of the client to the question it answers; false when there is none.</summary>
    public bool Answer(RpcMessage response) =>
        _asked.TryGetValue(response.IdRaw!, out TaskCompletionSource<JsonElement>? waiting) && waiting.TrySetResult(response.Whole);

    /// <summary>Ends everything that belongs to the session.</summary>
    public void End()
    {
        foreach (CancellationTokenSource running in Running.Values)
            running.Cancel();
        Tasks.CancelAll();
        Unsolicited.Finish();
    }
}

/// <summary>A running legacy call's way to its client.</summary>
internal sealed class LegacyPeer(LegacySession session, Outbox answer, Outbox questions) : ICallPeer
{
    public void Send(string message) => answer.Send(message);

    public bool WantsLog(string level) => LogLevels.Passes(level, session.LogLevel);

    public Task<JsonElement[]> AskAsync(IReadOnlyList<Question> asked, CancellationToken cancellationToken) =>
        Task.WhenAll(asked.Select(q => session.AskAsync(q, questions, cancellationToken)));
}
