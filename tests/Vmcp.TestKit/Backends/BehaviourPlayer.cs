using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Vmcp.TestKit;

/// <summary>
/// Leaves the server through the application: Kestrel then sends what was written and closes without ending the body. An abort would reset
/// the connection, and the bytes before it could be lost.
/// </summary>
internal sealed class ConnectionCutException : Exception;

/// <summary>Acts out a <see cref="Behaviour"/> on one HTTP exchange.</summary>
internal sealed class BehaviourPlayer(ScriptedBackend backend)
{
    private const int ChunkBytes = 64 * 1024;

    /// <summary>True when the exchange has been answered (or left unanswered, as wished).</summary>
    public async Task<bool> PlayAsync(HttpContext http, RecordedRequest request, RpcMessage? message, CancellationToken ended)
    {
        string? tool = message is { Method: "tools/call", Params.ValueKind: JsonValueKind.Object }
            && message.Params.TryGetProperty("name", out JsonElement name) ? name.ToString() : null;
        Behaviour now = backend.BehaviourFor(message?.Method ?? request.Verb, tool);
        switch (now is Behaviour.Chosen chosen ? chosen.Choice(request) : now)
        {
            case Behaviour.Hanging:
                await Task.Delay(Timeout.Infinite, ended);
                return true;
            case Behaviour.SilentStream:
                await BeSilentAsync(http, ended);
                return true;
            case Behaviour.Body body:
                http.Response.StatusCode = body.Code;
                foreach ((string header, string value) in body.Headers)
                    http.Response.Headers[header] = value;
                if (body.Bytes.Length > 0)
                    http.Response.ContentType = body.ContentType;
                http.Response.ContentLength = body.Bytes.Length;
                await http.Response.Body.WriteAsync(body.Bytes, ended);
                return true;
            case Behaviour.Demanding demand:
                if (demand.Holds(request))
                    return false;
                http.Response.StatusCode = 401;
                return true;
            case Behaviour.Dropping drop:
                http.Response.ContentType = "text/event-stream";
                await http.Response.Body.WriteAsync(Rpc.Bytes(drop.Begin), ended);
                await http.Response.Body.FlushAsync(ended);
                throw new ConnectionCutException();
            case Behaviour.Delayed slow:
                await Task.Delay(slow.Delay, ended);
                return false;
            case Behaviour.Huge huge when message is { Method: "tools/list", IdRaw: { } id }:
                await WriteHugeListAsync(http, id, huge.TotalBytes, ended);
                return true;
            default:
                return false;
        }
    }

    private async Task BeSilentAsync(HttpContext http, CancellationToken ended)
    {
        if (backend.Script.Era == BackendEra.HttpSse && http.Request.Method == "POST")
        {
            http.Response.StatusCode = 202;
            return;
        }

        http.Response.ContentType = "text/event-stream";
        await http.Response.Body.FlushAsync(ended);
        await Task.Delay(Timeout.Infinite, ended);
    }

    private async Task WriteHugeListAsync(HttpContext http, string idRaw, long totalBytes, CancellationToken ended)
    {
        http.Response.ContentType = "application/json";
        string modern = backend.Script.Era == BackendEra.Modern ? "\"resultType\":\"complete\",\"ttlMs\":0,\"cacheScope\":\"private\"," : "";
        string begin = $$"""{"jsonrpc":"2.0","id":{{idRaw}},"result":{{{modern}}"tools":[""";
        byte[] padding = new byte[ChunkBytes];
        padding.AsSpan().Fill((byte)'x');
        await http.Response.Body.WriteAsync(Rpc.Bytes(begin), ended);
        long written = begin.Length;
        for (int i = 0; written < totalBytes; i++)
        {
            string head = $$"""{{(i == 0 ? "" : ",")}}{"name":"huge_{{i}}","inputSchema":{"type":"object"},"description":""" + "\"";
            await http.Response.Body.WriteAsync(Rpc.Bytes(head), ended);
            await http.Response.Body.WriteAsync(padding, ended);
            await http.Response.Body.WriteAsync("\"}"u8.ToArray(), ended);
            written += head.Length + padding.Length + 2;
        }

        await http.Response.Body.WriteAsync("]}}"u8.ToArray(), ended);
    }
}
