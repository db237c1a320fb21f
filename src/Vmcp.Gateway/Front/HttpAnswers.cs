using Microsoft.AspNetCore.Http;

using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Front;

/// <summary>Short HTTP answers.</summary>
internal static class HttpAnswers
{
    /// <summary>A JSON body.</summary>
    public static async Task JsonAsync(HttpContext context, int status, ReadOnlyMemory<byte> json)
    {
        HttpResponse response = context.Response;
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = json.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await response.BodyWriter.WriteAsync(json, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>A plain-text body.</summary>
    public static async Task TextAsync(HttpContext context, int status, string text)
    {
        HttpResponse response = context.Response;
        response.StatusCode = status;
        response.ContentType = "text/plain; charset=utf-8";
        await response.WriteAsync(text, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>A JSON-RPC error with an HTTP status; without an id when it could not be read.</summary>
    public static Task RpcErrorAsync(
        HttpContext context, int status, ReadOnlyMemory<byte> id, int code, string message, ReadOnlyMemory<byte> data = default) =>
        JsonAsync(context, status, JsonRpc.Error(id.Span, code, message, data.Span));

    /// <summary>The answer to a notification or a response: 202 without a body.</summary>
    public static void Accepted(HttpContext context) => context.Response.StatusCode = StatusCodes.Status202Accepted;
}
