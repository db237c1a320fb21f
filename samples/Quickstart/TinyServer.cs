using System.Net;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;

namespace Vmcp.Quickstart;

/// <summary>A tool: what clients read about it, and what it does.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it is good for.</param>
/// <param name="Schema">JSON Schema of the arguments.</param>
/// <param name="Run">From arguments to text.</param>
internal sealed record Tool(string Name, string Description, string Schema, Func<JsonObject, string> Run);

/// <summary>
/// The smallest MCP server that is one: POST of JSON-RPC, one JSON answer each, no sessions, tools only. It speaks one revision, so that the
/// quickstart can put an older and a newer server behind the same endpoint.
/// </summary>
/// <param name="name">Its name.</param>
/// <param name="revision">2025-11-25, which begins with <c>initialize</c>, or 2026-07-28, which begins with <c>server/discover</c>.</param>
/// <param name="tools">Its tools.</param>
internal sealed class TinyServer(string name, string revision, params Tool[] tools) : IAsyncDisposable
{
    private const string Modern = "2026-07-28";

    private WebApplication? _app;

    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>Its revision.</summary>
    public string Revision => revision;

    /// <summary>Where it listens once started.</summary>
    public Uri Url { get; private set; } = new("http://127.0.0.1/mcp");

    /// <summary>Listens on a loopback port that the system chooses.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(ServeAsync);
        await _app.StartAsync(cancellationToken);
        string address = ((IApplicationBuilder)_app).ServerFeatures.Get<IServerAddressesFeature>()!.Addresses.First();
        Url = new Uri(address + "/mcp");
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext http)
    {
        if (!HttpMethods.IsPost(http.Request.Method))
        {
            // No event stream, no session to end.
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }

        JsonNode? request = await JsonNode.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
        if (request?["id"] is not { } id)
        {
            http.Response.StatusCode = StatusCodes.Status202Accepted;
            return;
        }

        JsonObject? result = Answer((string?)request["method"], request["params"] as JsonObject ?? []);
        if (result is not null && revision == Modern)
            result["resultType"] = "complete";
        JsonObject answer = new()
        {
            ["jsonrpc"] = "2.0",
            ["id"] = id.DeepClone(),
            [result is null ? "error" : "result"] = result ?? new JsonObject { ["code"] = -32601, ["message"] = "Method not found" },
        };
        http.Response.StatusCode = result is null && revision == Modern ? StatusCodes.Status404NotFound : StatusCodes.Status200OK;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(answer.ToJsonString(), http.RequestAborted);
    }

    /// <summary>The result of a method; null for one we don't have.</summary>
    private JsonObject? Answer(string? method, JsonObject parameters) => method switch
    {
        "initialize" when revision != Modern => new JsonObject
        {
            ["protocolVersion"] = revision,
            ["capabilities"] = new JsonObject { ["tools"] = new JsonObject() },
            ["serverInfo"] = Info(),
        },
        "server/discover" when revision == Modern => Cacheable(new JsonObject
        {
            ["supportedVersions"] = new JsonArray(revision),
            ["capabilities"] = new JsonObject { ["tools"] = new JsonObject() },
            ["serverInfo"] = Info(),
        }),
        "ping" when revision != Modern => [],
        "tools/list" => Cacheable(new JsonObject
        {
            ["tools"] = new JsonArray([.. tools.Select(t => new JsonObject
            {
                ["name"] = t.Name,
                ["description"] = t.Description,
                ["inputSchema"] = JsonNode.Parse(t.Schema),
            })]),
        }),
        "tools/call" => Call((string?)parameters["name"], parameters["arguments"] as JsonObject ?? []),
        _ => null,
    };

    private JsonObject Call(string? tool, JsonObject arguments)
    {
        bool failed = false;
        string text;
        try
        {
            text = tools.Single(t => t.Name == tool).Run(arguments);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or ArgumentException)
        {
            // A tool's own failure is a result that the model may read.
            (text, failed) = (e.Message, true);
        }

        return new JsonObject
        {
            ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = text }),
            ["isError"] = failed,
        };
    }

    private JsonObject Info() => new() { ["name"] = name, ["version"] = "1.0.0" };

    private JsonObject Cacheable(JsonObject result)
    {
        if (revision == Modern)
            (result["ttlMs"], result["cacheScope"]) = (60_000, "public");
        return result;
    }
}
