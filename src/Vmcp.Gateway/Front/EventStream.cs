using System.IO.Pipelines;

using Microsoft.AspNetCore.Http;

using Vmcp.Gateway.Sessions;
using Vmcp.Protocol.Sse;

namespace Vmcp.Gateway.Front;

/// <summary>Writes an outbox to a client until the client leaves, the outbox is complete, or the server stops.</summary>
internal static class EventStream
{
    /// <summary>Runs the writing loop; one loop per stream, so nothing interleaves.</summary>
    /// <param name="context">The request, its response already an event stream.</param>
    /// <param name="events">What to write.</param>
    /// <param name="after">The event the client saw last, or null for what was not handed out yet.</param>
    /// <param name="keepAlive">Time between two signs of life.</param>
    /// <param name="time">The clock.</param>
    /// <param name="idOf">The event id of a number, or null for none.</param>
    /// <param name="shape">Changes the message on its way out.</param>
    /// <param name="stopping">Ends the stream gracefully.</param>
    public static async Task RunAsync(
        HttpContext context, Outbox events, long? after, TimeSpan keepAlive, TimeProvider time, Func<long, string?> idOf,
        Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> shape, CancellationToken stopping)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        PipeWriter writer = context.Response.BodyWriter;
        await using IAsyncEnumerator<StreamEvent> reader = events.ReadAsync(after, time, stop.Token).GetAsyncEnumerator(CancellationToken.None);
        while (true)
        {
            Task<bool> next = reader.MoveNextAsync().AsTask();
            while (!next.IsCompleted && !await CompletesWithinAsync(next, keepAlive, time).ConfigureAwait(false))
            {
                SseFrame.Ping.CopyTo(writer.GetSpan(SseFrame.Ping.Length));
                writer.Advance(SseFrame.Ping.Length);
                if (await FlushAsync(writer, stop).ConfigureAwait(false))
                    continue;
                await next.ConfigureAwait(false);
                return;
            }

            if (!await next.ConfigureAwait(false))
                return;
            SseFrame.Write(writer, shape(reader.Current.Json).Span, idOf(reader.Current.Number));
            if (!await FlushAsync(writer, stop).ConfigureAwait(false))
                return;
        }
    }

    /// <summary>False when the client is gone; the reader is then told to end.</summary>
    private static async Task<bool> FlushAsync(PipeWriter writer, CancellationTokenSource stop)
    {
        try
        {
            FlushResult result = await writer.FlushAsync(stop.Token).ConfigureAwait(false);
            if (!result.IsCompleted)
                return true;
        }
        catch (OperationCanceledException)
        {
            // Falls through: the stream is over.
        }

        await stop.CancelAsync().ConfigureAwait(false);
        return false;
    }

    private static async Task<bool> CompletesWithinAsync(Task task, TimeSpan limit, TimeProvider time)
    {
        try
        {
            await task.WaitAsync(limit, time).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            return false;
        }
    }
}
