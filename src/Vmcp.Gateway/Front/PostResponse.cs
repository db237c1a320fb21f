using System.IO.Pipelines;

using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

using Vmcp.Gateway.Sessions;
using Vmcp.Protocol.Sse;

namespace Vmcp.Gateway.Front;

/// <summary>
/// The answer to one POST. Stays undecided until the first event: an answer that comes first is plain JSON with a fitting
/// status; anything before it turns the response into an event stream. Used by one writer at a time.
/// </summary>
/// <param name="context">The request.</param>
/// <param name="replays">Where a Legacy session keeps what a lost client may take up again; null for Modern.</param>
public sealed class PostResponse(HttpContext context, ReplayStreams? replays)
{
    private const string UsualAccept = "application/json, text/event-stream";

    private (long Number, Outbox Events)? _replay;
    private bool _streaming;
    private bool _gone;

    /// <summary>Whether the client said that it reads event streams.</summary>
    public bool CanStream { get; } = Accepts(context.Request, "text/event-stream");

    /// <summary>Whether the response has become an event stream.</summary>
    public bool IsStreaming => _streaming;

    /// <summary>Whether a client that is gone can still get the rest.</summary>
    public bool IsResumable => _replay is not null;

    /// <summary>Whether the client closed the connection.</summary>
    public bool IsGone => _gone || context.RequestAborted.IsCancellationRequested;

    /// <summary>Sends a message ahead of the answer. False when the client cannot get it.</summary>
    public async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> json)
    {
        if (!CanStream)
            return false;
        Start();
        string? id = Keep(json);
        if (!IsGone)
        {
            SseFrame.Write(context.Response.BodyWriter, json.Span, id);
            await FlushAsync().ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>A sign of life on a quiet stream; turns a JSON answer that takes long into a stream.</summary>
    public async ValueTask KeepAliveAsync()
    {
        if (!CanStream || IsGone)
            return;
        Start();
        PipeWriter writer = context.Response.BodyWriter;
        SseFrame.Ping.CopyTo(writer.GetSpan(SseFrame.Ping.Length));
        writer.Advance(SseFrame.Ping.Length);
        await FlushAsync().ConfigureAwait(false);
    }

    /// <summary>Sends the answer and ends the response.</summary>
    /// <param name="json">The JSON-RPC response.</param>
    /// <param name="status">The HTTP status, used when nothing was sent before.</param>
    public async ValueTask AnswerAsync(ReadOnlyMemory<byte> json, int status = StatusCodes.Status200OK)
    {
        if (_streaming)
        {
            string? id = Keep(json);
            if (_replay is { } replay)
                replays!.Finish(replay.Number);
            if (!IsGone)
            {
                SseFrame.Write(context.Response.BodyWriter, json.Span, id);
                await FlushAsync().ConfigureAwait(false);
            }

            return;
        }

        if (IsGone)
            return;
        HttpResponse response = context.Response;
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = json.Length;
        try
        {
            await response.BodyWriter.WriteAsync(json, context.RequestAborted).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _gone = true;
        }
    }

    /// <summary>Whether the Accept header names a media type, or accepts anything, or is missing.</summary>
    internal static bool Accepts(HttpRequest request, string mediaType)
    {
        Microsoft.Extensions.Primitives.StringValues accept = request.Headers.Accept;
        // What every client of MCP sends, looked at as a whole: it is asked twice for each call.
        if (accept.Count == 0 || (accept.Count == 1 && accept[0] == UsualAccept))
            return true;
        foreach (string? value in accept)
        {
            if (value is not null && (value.Contains(mediaType, StringComparison.OrdinalIgnoreCase) || value.Contains("*/*", StringComparison.Ordinal)))
                return true;
        }

        return false;
    }

    private void Start()
    {
        if (_streaming)
            return;
        _streaming = true;
        if (replays is not null)
            _replay = replays.Open();
        if (!IsGone)
            StartStream(context);
    }

    /// <summary>Makes the response an event stream that no proxy buffers.</summary>
    internal static void StartStream(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache, no-transform";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    private string? Keep(ReadOnlyMemory<byte> json) =>
        _replay is { } replay ? ReplayStreams.EventId(replay.Number, replay.Events.Keep(json)) : null;

    private async ValueTask FlushAsync()
    {
        try
        {
            FlushResult result = await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
            _gone |= result.IsCompleted;
        }
        catch (OperationCanceledException)
        {
            _gone = true;
        }
    }
}
