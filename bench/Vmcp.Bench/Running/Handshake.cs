using System.Net.Http.Headers;
using System.Text;

namespace Vmcp.Bench.Running;

/// <summary>Opens Legacy sessions.</summary>
internal static class Handshake
{
    private const string Initialize = """
        {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}
        """;

    private static readonly HttpClient Http = new(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5) });

    /// <summary>initialize and notifications/initialized; returns the session id.</summary>
    public static async Task<string> OpenAsync(Uri url, string? authorization, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await PostAsync(url, Initialize, null, authorization, cancellationToken);
        answer.EnsureSuccessStatusCode();
        string id = answer.Headers.GetValues("Mcp-Session-Id").Single();
        using HttpResponseMessage told = await PostAsync(
            url, """{"jsonrpc":"2.0","method":"notifications/initialized"}""", id, authorization, cancellationToken);
        told.EnsureSuccessStatusCode();
        return id;
    }

    /// <summary>Sends one message; with a tool's name, as a Modern call of it.</summary>
    public static async Task<HttpResponseMessage> PostAsync(
        Uri url, string json, string? session, string? authorization, CancellationToken cancellationToken, string? modernTool = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, url) { Content = new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json")) };
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        if (session is not null)
            request.Headers.TryAddWithoutValidation("Mcp-Session-Id", session);
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        if (modernTool is not null)
        {
            request.Headers.TryAddWithoutValidation("MCP-Protocol-Version", "2026-07-28");
            request.Headers.TryAddWithoutValidation("Mcp-Method", "tools/call");
            request.Headers.TryAddWithoutValidation("Mcp-Name", modernTool);
        }

        return await Http.SendAsync(request, cancellationToken);
    }

    /// <summary>
    /// One call as the load sends it, whose answer must say the message back. The load itself sees statuses only, and an error of JSON-RPC comes with 200: a gateway
    /// that refuses every call would look fast.
    /// </summary>
    public static async Task CheckAsync(Uri url, string tool, bool modern, string? authorization, CancellationToken cancellationToken)
    {
        const string said = "is it really you";
        string? session = modern ? null : await OpenAsync(url, authorization, cancellationToken);
        string meta = modern
            ? ""","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}"""
            : "";
        string call = $$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"{{{tool}}}","arguments":{"message":"{{{said}}}"}{{{meta}}}}}""";
        using HttpResponseMessage answer = await PostAsync(url, call, session, authorization, cancellationToken, modern ? tool : null);
        string text = await answer.Content.ReadAsStringAsync(cancellationToken);
        if (!IsEcho(text, said))
            throw new InvalidOperationException($"{url}: the call of {tool} was answered with {(int)answer.StatusCode}: {text}");
    }

    /// <summary>Whether an answer, JSON or an event, is the echo of a message and not an error that repeats it.</summary>
    internal static bool IsEcho(string answer, string said) =>
        answer.Contains($"\"text\":\"{said}\"", StringComparison.Ordinal) && !answer.Contains("\"isError\":true", StringComparison.Ordinal);
}
