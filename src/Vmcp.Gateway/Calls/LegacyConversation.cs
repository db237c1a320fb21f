using System.Buffers;

using Vmcp.Core.Health;
using Vmcp.Gateway.Front;
using Vmcp.Gateway.Sessions;
using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Calls;

/// <summary>
/// A Modern client's call at a Legacy backend. The backend asks by real requests; the client is asked by
/// <c>input_required</c> and answers in its next request, so the call may live through several of them.
/// </summary>
internal sealed class LegacyConversation(
    RoutedCall call, HiddenLinks.Rented rented, BackendCall running, ClientCapabilities capabilities, HiddenLinks links, BreakerLease lease,
    TimeProvider time) : ICallClient
{
    /// <summary>A backend that asks several things asks them in one breath; this long we wait for the next one.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// A server that wants to know the roots for itself asks on the standalone stream in the middle of anything. The call is left
    /// alone as long as it moves; only one that stands still for this long may be waiting for the roots.
    /// </summary>
    private static readonly TimeSpan Standstill = TimeSpan.FromSeconds(2);

    private readonly List<Question> _questions = [];
    private PostResponse? _response;
    private Envelope _current = call.Envelope;
    private bool _closed;
    private long _askedAt;

    /// <summary>The call as it was first made.</summary>
    public RoutedCall Call => call;

    /// <summary>What the client can be asked.</summary>
    public ClientCapabilities Capabilities => capabilities;

    /// <summary>False: what the silence limit covers is the backend; while parked nobody reads.</summary>
    public bool WaitsForUser => false;

    /// <inheritdoc />
    public ValueTask KeepAliveAsync() => _response!.KeepAliveAsync();

    /// <summary>Runs until the backend answers or asks.</summary>
    /// <param name="current">The client's request at hand: the first one or a retry.</param>
    /// <param name="response">Its response.</param>
    /// <param name="clientGone">A Modern client cancels by closing the connection.</param>
    public async Task<ConversationStep> RunAsync(Envelope current, PostResponse response, CancellationToken clientGone)
    {
        _current = current;
        _response = response;
        await AnswerQuestionsAsync(clientGone).ConfigureAwait(false);
        while (true)
        {
            TimeSpan? patience = Patience();
            if (patience <= TimeSpan.Zero)
                return new ConversationStep.Asks(InputRequests());
            BackendEvent? next = await running.NextAsync(this, patience, clientGone).ConfigureAwait(false);
            if (next is not { } happened)
                return new ConversationStep.Asks(InputRequests());
            if (happened.Failure is { } failure)
            {
                // A lost session is tried once more; that attempt reports.
                await CloseAsync(clean: false, failure, report: !failure.SessionLost).ConfigureAwait(false);
                return new ConversationStep.Failed(failure);
            }

            BackendMessage message = happened.Message!;
            if (message.Kind == MessageKind.Response)
            {
                await CloseAsync(clean: await DropIncidentalAsync().ConfigureAwait(false), null).ConfigureAwait(false);
                return new ConversationStep.Answered(message);
            }

            if (message.Kind == MessageKind.Notification)
                await NotifyAsync(message).ConfigureAwait(false);
            else if (await QuestionAsync(message, happened.Aside).ConfigureAwait(false) is { } missing)
                return missing;
        }
    }

    /// <summary>Nobody waits any more.</summary>
    public async Task AbandonAsync(string reason)
    {
        await running.CancelAsync(reason).ConfigureAwait(false);
        lease.GiveBack();
        await CloseAsync(clean: false, null, report: false).ConfigureAwait(false);
    }

    /// <summary>The link, when the backend forgot its session.</summary>
    public BackendLink Link => rented.Link;

    private async Task CloseAsync(bool clean, BackendFailure? failure, bool report = true)
    {
        if (_closed)
            return;
        _closed = true;
        await running.DisposeAsync().ConfigureAwait(false);
        links.Return(rented, clean);
        if (!report)
            return;
        if (failure is null)
            lease.Success();
        else
            CallHealth.Report(call.Handle, lease, failure);
    }

    /// <summary>A breath ends, whatever else the backend sends meanwhile: progress or log lines must not hold a question up.</summary>
    private TimeSpan? Patience() => _questions.Count == 0 ? null
        : _questions.All(q => q.Incidental) ? Standstill : Breath - time.GetElapsedTime(_askedAt);

    /// <summary>The call ended while the server still wanted to know the roots: it does not get them. False when a real question was left open.</summary>
    private async Task<bool> DropIncidentalAsync()
    {
        foreach (Question question in _questions.Where(q => q.Incidental))
            await PostAsync(JsonRpc.Error(question.Id.Span, JsonRpcCodes.InternalError, "The call ended before its client could be asked.")).ConfigureAwait(false);
        return _questions.All(q => q.Incidental);
    }

    private async ValueTask NotifyAsync(BackendMessage message)
    {
        switch (message.Method)
        {
            case Methods.Message:
                // MCP 2026-07-28: no log messages unless the request names a level.
                if (_current.Text(MetaKey.LogLevel) is { } wanted && LogLevels.Passes(message, wanted))
                    await _response!.SendAsync(message.Json).ConfigureAwait(false);
                return;
            case Methods.Cancelled:
                ReadOnlyMemory<byte> id = message.Params[RawJson.Find(message.Params.Span, "requestId"u8)];
                _questions.RemoveAll(q => q.Id.Span.SequenceEqual(id.Span));
                return;
            case Methods.Progress:
                if (WithToken(message) is { } progress)
                    await _response!.SendAsync(progress).ConfigureAwait(false);
                return;
            default:
                return; // list changes and the like travel on listen streams
        }
    }

    /// <summary>Puts the client's progress token in place of ours; null when the request at hand has none, or the event names none.</summary>
    private byte[]? WithToken(BackendMessage message)
    {
        ReadOnlySpan<byte> token = _current.Bytes(_current[MetaKey.ProgressToken]);
        Range at = RawJson.Find(message.Params.Span, "progressToken"u8);
        return token.IsEmpty || at.End.Value == 0
            ? null
            : JsonRpc.Notification(Methods.Progress, RawJson.Splice(message.Params.Span, at.Start.Value, at.End.Value, token));
    }

    /// <summary>Null: noted, or answered from what the client sent along; else the client cannot be asked this.</summary>
    private async Task<ConversationStep?> QuestionAsync(BackendMessage message, bool aside)
    {
        if (message.Method == Methods.Ping)
        {
            await PostAsync(JsonRpc.Result(message.Id.Span, "{}"u8)).ConfigureAwait(false);
            return null;
        }

        if (!capabilities.Allows(message.Method, message.Params.Span))
        {
            await PostAsync(JsonRpc.Error(message.Id.Span, JsonRpcCodes.MethodNotFound, $"The client did not declare the capability for {message.Method}."))
                .ConfigureAwait(false);
            await AbandonAsync("the client lacks a capability").ConfigureAwait(false);
            return new ConversationStep.NeedsCapability(message.Method, ClientCapabilities.Required(message.Method, message.Params.Span));
        }

        Question question = new(QuestionKeys.For(message, _questions.Select(q => q.Key)), message.Id, message.Method, message.Params,
            Incidental: aside && message.Method == Methods.RootsList);
        if (GivenFor(question.Key) is { } given)
            await PostAsync(JsonRpc.Result(question.Id.Span, given.Span)).ConfigureAwait(false);
        else
            Note(question);
        return null;
    }

    private void Note(Question question)
    {
        if (_questions.All(q => q.Incidental))
            _askedAt = time.GetTimestamp();
        _questions.Add(question);
    }

    private async Task AnswerQuestionsAsync(CancellationToken cancellationToken)
    {
        foreach (Question question in _questions.ToArray())
        {
            if (GivenFor(question.Key) is not { } given)
                continue;
            _questions.Remove(question);
            await rented.Link.PostAsync(JsonRpc.Result(question.Id.Span, given.Span), call.Headers, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The client's answer under a key, if it is one: answers are objects.</summary>
    private ReadOnlyMemory<byte>? GivenFor(string key)
    {
        ReadOnlyMemory<byte> responses = _current.Body[_current[ParamKey.InputResponses]];
        ReadOnlyMemory<byte> given = responses[RawJson.Find(responses.Span, System.Text.Encoding.UTF8.GetBytes(key))];
        if (RawJson.IsObject(given.Span))
            return given;
        return null; // not in a conditional: there null would become an empty memory
    }

    private Task<BackendFailure?> PostAsync(byte[] message) => rented.Link.PostAsync(message, call.Headers, CancellationToken.None);

    private byte[] InputRequests()
    {
        ArrayBufferWriter<byte> output = new(256);
        output.Write("{"u8);
        for (int i = 0; i < _questions.Count; i++)
        {
            if (i > 0)
                output.Write(","u8);
            output.Write(RawJson.Quote(_questions[i].Key));
            output.Write(":{\"method\":"u8);
            output.Write(RawJson.Quote(_questions[i].Method));
            if (!_questions[i].Params.IsEmpty)
            {
                output.Write(",\"params\":"u8);
                RawJson.Rebuild(output, _questions[i].Params.Span, static (ref RawMembers m) => m.NameIs("elicitationId"u8), default);
            }

            output.Write("}"u8);
        }

        output.Write("}"u8);
        return output.WrittenSpan.ToArray();
    }

    private sealed record Question(string Key, ReadOnlyMemory<byte> Id, string Method, ReadOnlyMemory<byte> Params, bool Incidental);
}

/// <summary>How one request of a conversation ended.</summary>
internal abstract record ConversationStep
{
    /// <summary>The backend answered.</summary>
    public sealed record Answered(BackendMessage Message) : ConversationStep;

    /// <summary>The backend asks; the call is to be parked. Holds the <c>inputRequests</c> object.</summary>
    public sealed record Asks(byte[] InputRequests) : ConversationStep;

    /// <summary>The backend asked for what the client did not declare; the call is over.</summary>
    public sealed record NeedsCapability(string Method, byte[] Required) : ConversationStep;

    /// <summary>The backend gave no answer; the call is over.</summary>
    public sealed record Failed(BackendFailure Failure) : ConversationStep;
}
