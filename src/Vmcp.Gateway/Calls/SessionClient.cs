using System.Buffers;

using Vmcp.Gateway.Front;
using Vmcp.Gateway.Sessions;
using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Calls;

/// <summary>A Legacy client during one call: gets notifications and questions in order, on the call's own stream where it can.</summary>
/// <param name="session">The client's session.</param>
/// <param name="response">The call's response.</param>
/// <param name="link">Where the call runs.</param>
/// <param name="askLimit">How long the user may take with one question; then the backend's silence counts again.</param>
/// <param name="time">The clock.</param>
internal sealed class SessionClient(Session session, PostResponse response, BackendLink link, TimeSpan askLimit, TimeProvider time) : ICallClient
{
    private int _open;
    private long _askedAt;

    /// <inheritdoc />
    public bool WaitsForUser => Volatile.Read(ref _open) > 0 && time.GetElapsedTime(Volatile.Read(ref _askedAt)) < askLimit;

    /// <summary>Fires when the session ends.</summary>
    public CancellationToken SessionEnded => session.Ended.Token;

    /// <inheritdoc />
    public ValueTask KeepAliveAsync() => response.KeepAliveAsync();

    /// <summary>Passes on a notification or a question of a Legacy backend.</summary>
    public async ValueTask DeliverAsync(BackendMessage message)
    {
        if (message.Kind == MessageKind.Request)
            await QuestionAsync(message).ConfigureAwait(false);
        else if (message.Method == Methods.Cancelled)
            await WithdrawAsync(message).ConfigureAwait(false);
        else
            await SendAsync(message.Json).ConfigureAwait(false);
    }

    /// <summary>
    /// Asks the client everything a Modern backend wants to know and waits for all answers. Returns the members of the retry,
    /// or, when the client cannot or will not answer, the refusal to send instead of a result.
    /// </summary>
    public async Task<(byte[]? Answers, ReadOnlyMemory<byte> Refusal)> AskAllAsync(
        InputRequired asked, RoutedCall call, CancellationToken cancellationToken)
    {
        foreach (InputRequest request in asked.Requests)
        {
            if (!session.Capabilities.Allows(request.Method, request.Params.Span))
                return (null, Refuse(call, $"Backend \"{call.Handle.Backend.Name}\" needs {request.Method}, which this client did not declare."));
        }

        List<Task<Envelope>> answers = [];
        List<Ask> asks = [];
        Volatile.Write(ref _askedAt, time.GetTimestamp());
        Interlocked.Add(ref _open, asked.Requests.Count);
        try
        {
            foreach (InputRequest request in asked.Requests)
            {
                if (await AskAsync(request, asks).ConfigureAwait(false) is not { } answer)
                    return (null, Refuse(call, "Too many questions are open in this session."));
                answers.Add(answer);
            }

            await Task.WhenAll(answers).WaitAsync(askLimit, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return (null, Refuse(call, $"The client did not answer within {askLimit.TotalMinutes:0.#} min."));
        }
        finally
        {
            Interlocked.Add(ref _open, -asked.Requests.Count);
            asks.ForEach(session.Asks.Close);
        }

        Envelope[] given = [.. answers.Select(a => a.Result)];
        return given.Any(g => g.Bytes(g.Result).IsEmpty)
            ? (null, Refuse(call, "The client refused to answer the backend's question."))
            : (Retry(asked, given), default);
    }

    private static ReadOnlyMemory<byte> Refuse(RoutedCall call, string text) => call.Envelope.Method == Methods.ToolsCall
        ? JsonRpc.Result(call.Id.Span, JsonRpc.ToolError(text))
        : JsonRpc.Error(call.Id.Span, JsonRpcCodes.InvalidRequest, text);

    private static byte[] Retry(InputRequired asked, Envelope[] given)
    {
        ArrayBufferWriter<byte> output = new(256);
        output.Write("\"inputResponses\":{"u8);
        for (int i = 0; i < given.Length; i++)
        {
            if (i > 0)
                output.Write(","u8);
            output.Write(RawJson.Quote(asked.Requests[i].Key));
            output.Write(":"u8);
            output.Write(given[i].Bytes(given[i].Result));
        }

        output.Write("}"u8);
        if (!asked.RequestState.IsEmpty)
        {
            output.Write(",\"requestState\":"u8);
            output.Write(asked.RequestState.Span);
        }

        return output.WrittenSpan.ToArray();
    }

    private async Task<Task<Envelope>?> AskAsync(InputRequest request, List<Ask> asks)
    {
        TaskCompletionSource<Envelope> answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Ask? ask = session.Asks.Open(null, default, default, answer =>
        {
            answered.TrySetResult(answer);
            return Task.CompletedTask;
        });
        if (ask is null)
            return null;
        asks.Add(ask);
        await SendAsync(JsonRpc.Request(System.Text.Encoding.UTF8.GetBytes(ask.Id), request.Method, request.Params.Span)).ConfigureAwait(false);
        return answered.Task;
    }

    private async Task QuestionAsync(BackendMessage question)
    {
        ReadOnlyMemory<byte> id = question.Id;
        if (question.Method == Methods.Ping)
        {
            await link.PostAsync(JsonRpc.Result(id.Span, "{}"u8), [], SessionEnded).ConfigureAwait(false);
            return;
        }

        if (!session.Capabilities.Allows(question.Method, question.Params.Span))
        {
            byte[] refusal = JsonRpc.Error(id.Span, JsonRpcCodes.MethodNotFound, $"The client did not declare the capability for {question.Method}.");
            await link.PostAsync(refusal, [], SessionEnded).ConfigureAwait(false);
            return;
        }

        Volatile.Write(ref _askedAt, time.GetTimestamp());
        Interlocked.Increment(ref _open);
        Ask? ask = session.Asks.Open(link, id, BackendQuestion.ProgressToken(question), answer =>
        {
            Interlocked.Decrement(ref _open);
            return link.PostAsync(JsonRpc.WithId(answer, id.Span), [], SessionEnded);
        });
        if (ask is null)
        {
            Interlocked.Decrement(ref _open);
            await link.PostAsync(JsonRpc.Error(id.Span, JsonRpcCodes.InternalError, "Too many questions are open."), [], SessionEnded).ConfigureAwait(false);
            return;
        }

        await SendAsync(question.WithId(System.Text.Encoding.UTF8.GetBytes(ask.Id))).ConfigureAwait(false);
    }

    /// <summary>The backend takes a question back; the client knows it under our id.</summary>
    private async Task WithdrawAsync(BackendMessage message)
    {
        ReadOnlyMemory<byte>? mapped = BackendQuestion.Withdraw(session.Asks, link, message);
        if (mapped is not { } json)
            return;
        Interlocked.Decrement(ref _open);
        await SendAsync(json).ConfigureAwait(false);
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> json)
    {
        if (!await response.SendAsync(json).ConfigureAwait(false))
            session.Outbox.Add(json);
    }
}

/// <summary>Small facts about a backend's question.</summary>
internal static class BackendQuestion
{
    /// <summary>The progress token the client may use, raw, or empty.</summary>
    public static ReadOnlyMemory<byte> ProgressToken(BackendMessage question)
    {
        ReadOnlyMemory<byte> parameters = question.Params;
        ReadOnlyMemory<byte> meta = parameters[RawJson.Find(parameters.Span, "_meta"u8)];
        return meta[RawJson.Find(meta.Span, "progressToken"u8)];
    }

    /// <summary>A backend's cancellation of its own question, in the client's terms; null when the question is not open.</summary>
    public static ReadOnlyMemory<byte>? Withdraw(AskTable asks, BackendLink link, BackendMessage message)
    {
        Range id = RawJson.Find(message.Params.Span, "requestId"u8);
        if (asks.Find(link, message.Params.Span[id]) is not { } ask)
            return null;
        asks.Close(ask);
        byte[] parameters = RawJson.Splice(message.Params.Span, id.Start.Value, id.End.Value, System.Text.Encoding.UTF8.GetBytes(ask.Id));
        return JsonRpc.Notification(Methods.Cancelled, parameters);
    }
}
