using System.Text;
using System.Text.Json;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Vmcp.TestKit;

/// <summary>Any number of small MCP servers (2025-11-25) behind one port: <c>/NAME/mcp</c>, four tools each; a name that begins with <c>hang</c> never answers.</summary>
public sealed class ManyServers : IAsyncDisposable
{
    /// <summary>Tools of each: <c>tool0</c> and so on.</summary>
    public const int ToolsEach = 4;

    private const string Schema = """{"type":"object","properties":{"message":{"type":"string"}}}""";

    private static readonly string Tools = string.Join(
        ',', Enumerable.Range(0, ToolsEach).Select(i => $$"""{"name":"tool{{i}}","description":"Answers done","inputSchema":""" + Schema + "}"));

    private readonly WebApplication _app;

    private ManyServers(WebApplication app) => _app = app;

    /// <summary>Starts on a free loopback port.</summary>
    public static async Task<ManyServers> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.Run(HandleAsync);
        await app.StartAsync();
        return new ManyServers(app);
    }

    /// <summary>The endpoint of a server; it is there as soon as somebody asks.</summary>
    public Uri UrlOf(string name) => new($"{_app.Urls.First()}/{name}/mcp");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task HandleAsync(HttpContext context)
    {
        if (context.Request.Path.Value!.StartsWith("/hang", StringComparison.Ordinal))
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        if (context.Request.Method != "POST")
        {
            context.Response.StatusCode = context.Request.Method == "DELETE" ? 200 : 405;
            return;
        }

        using JsonDocument message = await JsonDocument.ParseAsync(context.Request.Body, default, context.RequestAborted);
        if (!message.RootElement.TryGetProperty("id", out JsonElement id))
        {
            context.Response.StatusCode = 202;
            return;
        }

        string? method = message.RootElement.GetProperty("method").GetString();
        string? result = method switch
        {
            "initialize" => """{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"many","version":"1"}}""",
            "tools/list" => $$"""{"tools":[{{Tools}}]}""",
            "tools/call" => """{"content":[{"type":"text","text":"done"}]}""",
            "ping" => "{}",
            _ => null,
        };
        if (method == "initialize")
            context.Response.Headers["Mcp-Session-Id"] = Guid.NewGuid().ToString("N");
        string rest = result is null ? """ "error":{"code":-32601,"message":"Method not found"}""" : $"\"result\":{result}";
        byte[] answer = Encoding.UTF8.GetBytes($"{{\"jsonrpc\":\"2.0\",\"id\":{id.GetRawText()},{rest}}}");
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = answer.Length;
        await context.Response.BodyWriter.WriteAsync(answer, context.RequestAborted);
    }
}
