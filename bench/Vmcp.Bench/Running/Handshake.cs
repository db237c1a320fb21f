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

    /// <summary>Sends one message.</summary>
    public static async Task<HttpResponseMessage> PostAsync(Uri url, string json, string? session, string? authorization, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, url) { Content = new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json")) };
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        if (session is not null)
            request.Headers.TryAddWithoutValidation("Mcp-Session-Id", session);
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return await Http.SendAsync(request, cancellationToken);
    }
}
