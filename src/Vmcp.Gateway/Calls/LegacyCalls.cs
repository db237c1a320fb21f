using System.Runtime.CompilerServices;

using Microsoft.Extensions.Logging;

using Vmcp.Core.Health;
using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Front;
using Vmcp.Gateway.Sessions;
using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Eras;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Calls;

/// <summary>Carries a Legacy client's calls to backends of either era and everything that happens on the way back.</summary>
/// <param name="options">Time limits.</param>
/// <param name="tasks">The router of tasks.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Gets one Debug line a call.</param>
public sealed class LegacyCalls(GatewayOptions options, TaskRoutes tasks, TimeProvider time, ILogger<LegacyCalls> logger)
{
    /// <summary>Rounds of <c>input_required</c> in one call before we give up on the backend.</summary>
    private const int MaxRounds = 16;

    /// <summary>Runs one call and writes its answer.</summary>
    /// <param name="session">The client's session.</param>
    /// <param name="call">The routed call.</param>
    /// <param name="response">The POST's response.</param>
    /// <param name="clientGone">Fires when the client closed the connection: that is not a cancellation (MCP, Legacy).</param>
    public async Task RunAsync(Session session, RoutedCall call, PostResponse response, CancellationToken clientGone)
    {
        if (!call.Handle.Gate.TryEnter(out BreakerLease lease))
        {
            await response.AnswerAsync(CallTrouble.BreakerOpen(call, modern: false)).ConfigureAwait(false);
            return;
        }

        using CallHandle handle = new(clientGone);
        string key = System.Text.Encoding.UTF8.GetString(call.Id.Span);
        if (!session.Calls.TryAdd(key, handle))
        {
            key += $"#{Guid.NewGuid():N}"; // a client that uses an id twice can cancel the first only; the end of its session ends both
            session.Calls.TryAdd(key, handle);
        }

        try
        {
            if (session.Ended.IsCancellationRequested)
                await handle.CancelAsync(reason: null).ConfigureAwait(false);
            ReadOnlyMemory<byte>? answer = call.Handle.Era == Era.Modern
                ? await ViaModernAsync(session, call, response, handle, lease).ConfigureAwait(false)
                : await ViaLegacyAsync(session, call, response, handle, lease).ConfigureAwait(false);
            if (answer is { } json)
                await response.AnswerAsync(json).ConfigureAwait(false);
            logger.CallEnded(call.Envelope.Method, call.Route.ExposedName, call.Handle.Backend.Name, "answered");
        }
        catch (OperationCanceledException)
        {
            lease.GiveBack(); // the client cancelled, left, or the session ended: no answer is due
            logger.CallEnded(call.Envelope.Method, call.Route.ExposedName, call.Handle.Backend.Name, "given up");
        }
        finally
        {
            session.Calls.TryRemove(new KeyValuePair<string, CallHandle>(key, handle));
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadOnlyMemory<byte>?> ViaLegacyAsync(
        Session session, RoutedCall call, PostResponse response, CallHandle handle, BreakerLease lease)
    {
        BackendLink? stale = null;
        while (true)
        {
            LinkOutcome opened = await session.Links.GetAsync(call.Handle, call.Headers, stale, handle.Token).ConfigureAwait(false);
            if (opened.Link is not { } link)
                return Failed(call, opened.Failure!, lease);
            SessionClient client = new(session, response, link, options.AskTimeout, time);
            BackendEvent last = await RelayAsync(link, RequestRewriter.SameEra(call), client, call, response, handle).ConfigureAwait(false);
            if (last.Failure is { SessionLost: true } && stale is null && !response.IsStreaming)
            {
                stale = link; // the backend refused before it did anything: once more on a new session
                continue;
            }

            if (last.Message is not { } message)
                return Failed(call, last.Failure!, lease);
            lease.Success();
            tasks.Remember(call, message);
            return message.WithId(call.Id.Span);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadOnlyMemory<byte>?> ViaModernAsync(
        Session session, RoutedCall call, PostResponse response, CallHandle handle, BreakerLease lease)
    {
        BackendLink link = call.Handle.ModernLink(session.Owner);
        ModernContext context = new(session.Grant.Capabilities, session.Grant.ClientInfo, session.LogLevel);
        SessionClient client = new(session, response, link, options.AskTimeout, time);
        ReadOnlyMemory<byte> id = call.Id;
        byte[] answers = [];
        for (int round = 1; round <= MaxRounds; round++)
        {
            OutgoingRequest request = RequestRewriter.ToModern(call, id, context, answers);
            BackendEvent last = await RelayAsync(link, request, client, call, response, handle).ConfigureAwait(false);
            if (last.Message is not { } message)
                return Failed(call, last.Failure!, lease);
            InputRequired? asked = InputRequired.Parse(message.Result);
            if (asked is null)
            {
                lease.Success();
                return ResultBridge.ToLegacy(message, call);
            }

            (byte[]? given, ReadOnlyMemory<byte> refusal) = await client.AskAllAsync(asked, call, handle.Token).ConfigureAwait(false);
            if (given is null)
            {
                lease.Success();
                return refusal;
            }

            answers = given;
            id = RawJson.Quote($"vmcp-{Guid.NewGuid():N}");
        }

        lease.Success();
        return Failed(call, new BackendFailure(FailureCategory.HealthCheckFailed, $"asked for input {MaxRounds} times in one call"), lease: default);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<BackendEvent> RelayAsync(
        BackendLink link, OutgoingRequest request, SessionClient client, RoutedCall call, PostResponse response, CallHandle handle)
    {
        BackendCall running = new(link, request, call.Handle.Backend.Timeout, options.KeepAlive, time);
        await using ConfiguredAsyncDisposable _ = running.ConfigureAwait(false);
        while (true)
        {
            BackendEvent next;
            try
            {
                next = (await running.NextAsync(client, within: null, handle.Token).ConfigureAwait(false))!.Value;
            }
            catch (OperationCanceledException)
            {
                bool disconnected = handle.TryGoOn();
                // The client may come back for the rest of a stream with Last-Event-ID; until then the events are kept. A Modern
                // backend would take our closing for a cancellation, which a mere disconnect of a Legacy client is not.
                if (disconnected && (response.IsResumable || link.Era == Era.Modern))
                    continue;
                // Nobody can get the answer any more; a Legacy backend that is not told otherwise finishes by itself.
                if (!disconnected)
                    await running.CancelAsync(handle.Reason).ConfigureAwait(false);
                throw;
            }

            if (next.IsLast)
                return next;
            await client.DeliverAsync(next.Message!).ConfigureAwait(false);
        }
    }

    private static ReadOnlyMemory<byte> Failed(RoutedCall call, BackendFailure failure, BreakerLease lease)
    {
        CallHealth.Report(call.Handle, lease, failure);
        return CallTrouble.Answer(call, failure, modern: false);
    }
}

/// <summary>What a failed call says of its backend.</summary>
internal static class CallHealth
{
    /// <summary>Feeds the breaker and has the backend probed at once when it looks dead.</summary>
    public static void Report(BackendHandle handle, BreakerLease lease, BackendFailure failure)
    {
        if (failure.NotSent)
        {
            lease.GiveBack();
            return;
        }

        if (failure.Alive || failure.Category is FailureCategory.Cancelled or FailureCategory.Timeout)
        {
            // A slow tool is not a dead backend; the probe decides. A timeout still counts against the breaker.
            if (failure.Category == FailureCategory.Timeout)
                lease.Failure();
            else
                lease.Success();
            return;
        }

        lease.Failure();
        // Without an HTTP answer it may be gone: look at once. An HTTP 5xx came from a living server, and a good probe would only
        // hide from the breaker that its calls fail.
        if (failure.HttpStatus is null)
            handle.Wake();
    }
}
