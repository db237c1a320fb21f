using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vmcp.Fixture.Calls;

namespace Vmcp.Fixture.Hosting;

/// <summary>Reading messages from requests, writing them as JSON or as events.</summary>
internal static class Wire
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The message of a POST; null, and the answer already sent, when the body is none.</summary>
    public static async Task<JsonObject?> ReadMessageAsync(this HttpContext context)
    {
        try
        {
            if (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted) is JsonObject message
                && message["jsonrpc"].Text() == "2.0")
                return message;
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            // ArgumentException: a key that occurs twice.
            // Answered below, like any other body that is not a message.
        }

        await context.WriteJsonAsync(
            StatusCodes.Status400BadRequest,
            Rpc.Error(null, new RpcException(RpcException.InvalidRequest, "The body must be one JSON-RPC message")));
        return null;
    }

    public static Task WriteJsonAsync(this HttpContext context, int status, JsonObject message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(message.ToJsonString(Readable), context.RequestAborted);
    }

    public static Task BeginEventsAsync(this HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache";
        return context.Response.StartAsync(context.RequestAborted);
    }

    public static async Task WriteEventAsync(this HttpContext context, JsonObject message, string? id = null)
    {
        string idLine = id is null ? "" : $"id: {id}\n";
        await context.Response.WriteAsync($"{idLine}event: message\ndata: {message.ToJsonString(Readable)}\n\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    /// <summary>
    /// Writes what a call sends. A stream whose first message is the last one is answered as JSON when <paramref name="plainJson"/>,
    /// with the status <paramref name="status"/> gives for it.
    /// </summary>
    public static async Task WriteCallAsync(
        this HttpContext context, EventStream stream, bool plainJson, bool withIds, string? priming, Func<JsonObject, int> status)
    {
        bool events = false;
        await foreach (StreamEvent item in stream.ReadAsync(0, resumes: false, context.RequestAborted))
        {
            bool isAnswer = !item.Message.ContainsKey("method");
            if (!events)
            {
                int code = isAnswer ? status(item.Message) : StatusCodes.Status200OK;
                if (isAnswer && (plainJson || code != StatusCodes.Status200OK))
                {
                    await context.WriteJsonAsync(code, item.Message);
                    return;
                }

                await context.BeginAsync(priming);
                events = true;
            }

            await context.WriteEventAsync(item.Message, withIds ? item.Id : null);
        }

        // The call ended its stream before it said anything: the client resumes from the priming event.
        if (!events)
            await context.BeginAsync(priming);
    }

    private static async Task BeginAsync(this HttpContext context, string? priming)
    {
        await context.BeginEventsAsync();
        if (priming is not null)
            await context.Response.WriteAsync($"id: {priming}\nretry: 200\ndata: \n\n", context.RequestAborted);
    }
}
