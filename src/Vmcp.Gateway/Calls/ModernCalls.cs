using Microsoft.Extensions.Logging;

using Vmcp.Core.Health;
using Vmcp.Gateway.Front;
using Vmcp.Gateway.Hosting;
using Vmcp.Gateway.Sessions;
using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Eras;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Calls;

/// <summary>Carries a Modern client's calls to backends of either era.</summary>
/// <param name="options">Time limits.</param>
/// <param name="links">Sessions held for Modern clients.</param>
/// <param name="parked">Calls that wait for input.</param>
/// <param name="states">The states that Modern backends have clients hold.</param>
/// <param name="tasks">The router of tasks.</param>
/// <param name="card">Our name, for results of backends that give none.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Gets one Debug line a call.</param>
public sealed class ModernCalls(
    GatewayOptions options, HiddenLinks links, ParkedCalls parked, BackendStates states, TaskRoutes tasks, ServerCard card, TimeProvider time, ILogger<ModernCalls> logger)
{
    /// <summary>Runs one call and writes its answer. A closed connection cancels it.</summary>
    public async Task RunAsync(RoutedCall call, PostResponse response, CancellationToken clientGone)
    {
        if (call.Handle.Era == Era.Legacy && call.Envelope.Text(ParamKey.RequestState) is { } ticket)
        {
            await ResumeAsync(call, ticket, response, clientGone).ConfigureAwait(false);
            return;
        }

        if (call.Handle.Era == Era.Modern)
        {
            if (states.Open(call) is not { } opened)
            {
                await response.AnswerAsync(StrangeState(call), 400).ConfigureAwait(false);
                return;
            }

            call = opened;
        }

        if (!call.Handle.Gate.TryEnter(out BreakerLease lease))
        {
            await response.AnswerAsync(CallTrouble.BreakerOpen(call, modern: true)).ConfigureAwait(false);
            return;
        }

        if (call.Handle.Era == Era.Modern)
            await ViaModernAsync(call, response, lease, clientGone).ConfigureAwait(false);
        else
            await ViaLegacyAsync(call, response, lease, clientGone).ConfigureAwait(false);
        logger.CallEnded(
            call.Envelope.Method, call.Route.ExposedName, call.Handle.Backend.Name, clientGone.IsCancellationRequested ? "given up" : "answered");
    }

    private async Task ViaModernAsync(RoutedCall call, PostResponse response, BreakerLease lease, CancellationToken clientGone)
    {
        await using BackendCall running = new(
            call.Handle.ModernLink(() => call.Caller), RequestRewriter.SameEra(call), call.Handle.Backend.Timeout, options.KeepAlive, time);
        StatelessClient client = new(response);
        while (true)
        {
            BackendEvent next;
            try
            {
                next = (await running.NextAsync(client, within: null, clientGone).ConfigureAwait(false))!.Value;
            }
            catch (OperationCanceledException)
            {
                lease.GiveBack(); // disposal closes the stream, which is how a Modern backend learns of it
                return;
            }

            if (next.Failure is { } failure)
            {
                CallHealth.Report(call.Handle, lease, failure);
                await response.AnswerAsync(CallTrouble.Answer(call, failure, modern: true)).ConfigureAwait(false);
                return;
            }

            BackendMessage message = next.Message!;
            if (message.Kind == MessageKind.Response)
            {
                lease.Success();
                tasks.Remember(call, message);
                await response.AnswerAsync(states.Close(call, message), ResultBridge.StatusOf(message.ErrorCode)).ConfigureAwait(false);
                return;
            }

            if (message.Kind == MessageKind.Notification) // a request would be a fault of the backend: Modern has none
                await response.SendAsync(message.Json).ConfigureAwait(false);
        }
    }

    private async Task ViaLegacyAsync(RoutedCall call, PostResponse response, BreakerLease lease, CancellationToken clientGone)
    {
        Envelope envelope = call.Envelope;
        ReadOnlyMemory<byte> declared = envelope.Body[envelope[MetaKey.ClientCapabilities]];
        ReadOnlyMemory<byte> info = envelope.Body[envelope[MetaKey.ClientInfo]];
        BackendLink? stale = null;
        while (true)
        {
            (HiddenLinks.Rented? rented, BackendFailure? failure) = await RentAsync(call, declared, info, stale, clientGone).ConfigureAwait(false);
            if (rented is null)
            {
                if (failure is null)
                {
                    lease.GiveBack();
                    return;
                }

                CallHealth.Report(call.Handle, lease, failure);
                await response.AnswerAsync(CallTrouble.Answer(call, failure, modern: true)).ConfigureAwait(false);
                return;
            }

            BackendCall running = new(rented.Link, RequestRewriter.ToLegacy(call), call.Handle.Backend.Timeout, options.KeepAlive, time);
            LegacyConversation conversation = new(call, rented, running, ClientCapabilities.Parse(declared.Span), links, lease, time);
            ConversationStep? step = await StepAsync(conversation, envelope, response, clientGone).ConfigureAwait(false);
            if (step is ConversationStep.Failed { Failure.SessionLost: true } && stale is null && !response.IsStreaming)
            {
                stale = rented.Link; // refused before anything was done: once more on a new session
                continue;
            }

            if (step is ConversationStep.Failed { Failure.SessionLost: true } lost)
                CallHealth.Report(call.Handle, lease, lost.Failure);
            await FinishAsync(conversation, step, call, response).ConfigureAwait(false);
            return;
        }
    }

    private static byte[] StrangeState(RoutedCall call) => JsonRpc.Error(
        call.Id.Span, JsonRpcCodes.InvalidParams, "requestState is not valid for this request, was used before, or has expired; start the call anew.");

    private async Task ResumeAsync(RoutedCall call, string ticket, PostResponse response, CancellationToken clientGone)
    {
        if (parked.Take(ticket, call.Envelope, call.Principal) is not { } conversation)
        {
            await response.AnswerAsync(StrangeState(call), 400).ConfigureAwait(false);
            return;
        }

        ConversationStep? step = await StepAsync(conversation, call.Envelope, response, clientGone).ConfigureAwait(false);
        await FinishAsync(conversation, step, call, response).ConfigureAwait(false);
    }

    private async Task<(HiddenLinks.Rented? Rented, BackendFailure? Failure)> RentAsync(
        RoutedCall call, ReadOnlyMemory<byte> declared, ReadOnlyMemory<byte> info, BackendLink? stale, CancellationToken clientGone)
    {
        using Deadline limit = new(call.Handle.Backend.Timeout, time, clientGone);
        try
        {
            return await links.RentAsync(call, declared, info, stale, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (clientGone.IsCancellationRequested)
        {
            return (null, null);
        }
        catch (OperationCanceledException)
        {
            return (null, new BackendFailure(FailureCategory.Timeout, "did not answer the handshake in time"));
        }
    }

    /// <summary>Null: the client left and the call is over.</summary>
    private static async Task<ConversationStep?> StepAsync(
        LegacyConversation conversation, Envelope envelope, PostResponse response, CancellationToken clientGone)
    {
        try
        {
            return await conversation.RunAsync(envelope, response, clientGone).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (clientGone.IsCancellationRequested)
        {
            await conversation.AbandonAsync("the client closed the connection").ConfigureAwait(false);
            return null;
        }
    }

    private async Task FinishAsync(LegacyConversation conversation, ConversationStep? step, RoutedCall call, PostResponse response)
    {
        switch (step)
        {
            case ConversationStep.Answered answered:
                await AnswerAsync(answered.Message, conversation, call, response).ConfigureAwait(false);
                break;
            case ConversationStep.Asks asks:
                await ParkAsync(conversation, asks, call, response).ConfigureAwait(false);
                break;
            case ConversationStep.NeedsCapability missing:
                byte[] error = JsonRpc.Error(
                    call.Id.Span, JsonRpcCodes.MissingClientCapability, $"The tool needs {missing.Method}, which this request does not declare.", missing.Required);
                await response.AnswerAsync(error, 400).ConfigureAwait(false);
                break;
            case ConversationStep.Failed failed:
                await response.AnswerAsync(CallTrouble.Answer(call, failed.Failure, modern: true)).ConfigureAwait(false);
                break;
            default:
                break;
        }
    }

    private async Task AnswerAsync(BackendMessage message, LegacyConversation conversation, RoutedCall call, PostResponse response)
    {
        tasks.Remember(call, message);
        if (message.ErrorCode == UrlElicitation.ErrorCode
            && UrlElicitation.Answer(message, call, conversation.Capabilities, out int status) is { } wish)
        {
            await response.AnswerAsync(wish, status).ConfigureAwait(false);
            return;
        }

        await response.AnswerAsync(ResultBridge.ToModern(message, call, card.Info), ResultBridge.StatusOf(message.ErrorCode)).ConfigureAwait(false);
    }

    private async Task ParkAsync(LegacyConversation conversation, ConversationStep.Asks asks, RoutedCall call, PostResponse response)
    {
        if (parked.Park(conversation) is not { } ticket)
        {
            await conversation.AbandonAsync("too many calls wait for input").ConfigureAwait(false);
            byte[] full = JsonRpc.Error(call.Id.Span, JsonRpcCodes.InternalError, "Too many calls wait for input; try again later.");
            await response.AnswerAsync(full).ConfigureAwait(false);
            return;
        }

        byte[] result = JsonRpc.Join(
            "{\"resultType\":\"input_required\",\"inputRequests\":"u8, asks.InputRequests, ",\"requestState\":\""u8,
            System.Text.Encoding.ASCII.GetBytes(ticket), "\"}"u8);
        await response.AnswerAsync(JsonRpc.Result(call.Id.Span, result)).ConfigureAwait(false);
    }

    private sealed class StatelessClient(PostResponse response) : ICallClient
    {
        public bool WaitsForUser => false;

        public ValueTask KeepAliveAsync() => response.KeepAliveAsync();
    }
}
