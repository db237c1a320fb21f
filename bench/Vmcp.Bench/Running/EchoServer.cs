using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;

using Microsoft.AspNetCore.Http;

namespace Vmcp.Bench.Running;

/// <summary>The cheapest honest MCP server: one tool, <c>echo</c>, that answers its <c>message</c>. The yardstick, not a model.</summary>
/// <param name="isModern">Speaks 2026-07-28; otherwise 2025-11-25 with sessions.</param>
/// <param name="asEvents">Answers calls as event streams.</param>
/// <param name="tools">How many tools it lists; all but the first can only be listed.</param>
internal sealed class EchoServer(bool isModern, bool asEvents, int tools = 1)
{
    private readonly string _tools = string.Join(',', Enumerable.Range(0, tools).Select(Tool));

    private static readonly byte[] EventStart = "event: message\ndata: "u8.ToArray();

    public async Task HandleAsync(HttpContext context)
    {
        if (context.Request.Method != "POST")
        {
            context.Response.StatusCode = context.Request.Method == "DELETE" ? 200 : 405;
            return;
        }

        byte[]? answer;
        ReadResult read;
        do
        {
            read = await context.Request.BodyReader.ReadAsync(context.RequestAborted);
            if (!read.IsCompleted)
                context.Request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
        while (!read.IsCompleted);
        answer = Answer(read.Buffer, context.Response);
        context.Request.BodyReader.AdvanceTo(read.Buffer.End);
        if (answer is null)
        {
            context.Response.StatusCode = 202;
            return;
        }

        if (asEvents)
        {
            context.Response.ContentType = "text/event-stream";
            if (answer.AsSpan().IndexOf("progress:"u8) is >= 0 and var at)
                await ProgressAsync(context, int.Parse(answer.AsSpan(at + 9, 6), CultureInfo.InvariantCulture));
            context.Response.BodyWriter.Write(EventStart);
            context.Response.BodyWriter.Write(answer);
            context.Response.BodyWriter.Write("\n\n"u8);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
            return;
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = answer.Length;
        await context.Response.BodyWriter.WriteAsync(answer, context.RequestAborted);
    }

    /// <summary>2,000 events in a second, ten at a time; each carries its number and when it was sent.</summary>
    private static async Task ProgressAsync(HttpContext context, int count)
    {
        long begun = Stopwatch.GetTimestamp();
        for (int sent = 0; sent < count;)
        {
            for (int i = 0; i < 10 && sent < count; i++)
            {
                context.Response.BodyWriter.Write(Encoding.UTF8.GetBytes(string.Create(
                    CultureInfo.InvariantCulture,
                    $"event: message\ndata: {{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{{\"progressToken\":1,\"progress\":{++sent},\"message\":\"{Stopwatch.GetTimestamp()}\"}}}}\n\n")));
            }

            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
            TimeSpan ahead = TimeSpan.FromSeconds(sent / 2_000.0) - Stopwatch.GetElapsedTime(begun);
            if (ahead > TimeSpan.Zero)
                await Task.Delay(ahead, context.RequestAborted);
        }
    }

    private byte[]? Answer(ReadOnlySequence<byte> body, HttpResponse response)
    {
        using JsonDocument message = JsonDocument.Parse(body);
        if (!message.RootElement.TryGetProperty("id", out JsonElement id))
            return null;
        string stamp = isModern ? "\"resultType\":\"complete\"," : "";
        switch (message.RootElement.GetProperty("method").GetString())
        {
            case "tools/call":
                string said = message.RootElement.GetProperty("params").GetProperty("arguments").GetProperty("message").GetRawText();
                return Result(id, "{" + stamp + "\"content\":[{\"type\":\"text\",\"text\":" + said + "}]}");
            case "tools/list":
                return Result(id, "{" + stamp + "\"tools\":[" + _tools + "]}");
            case "server/discover" when isModern:
                return Result(id, "{" + stamp + "\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{\"tools\":{}}}");
            case "initialize" when !isModern:
                response.Headers["Mcp-Session-Id"] = Guid.NewGuid().ToString("N");
                return Result(id, """{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"echo","version":"1"}}""");
            default:
                response.StatusCode = isModern ? 404 : 200;
                return Encoding.UTF8.GetBytes("{\"jsonrpc\":\"2.0\",\"id\":" + id.GetRawText() + ",\"error\":{\"code\":-32601,\"message\":\"Method not found\"}}");
        }
    }

    private static string Tool(int number) =>
        """{"name":"NAME","description":"Says back what it is told, as one tool of many.","inputSchema":{"type":"object","properties":{"message":{"type":"string","description":"What to say."}},"required":["message"]}}"""
            .Replace("NAME", number == 0 ? "echo" : $"tool_{number}", StringComparison.Ordinal);

    private static byte[] Result(JsonElement id, string result) =>
        Encoding.UTF8.GetBytes("{\"jsonrpc\":\"2.0\",\"id\":" + id.GetRawText() + ",\"result\":" + result + "}");
}
