using System.Text.Json.Nodes;
using Vmcp.Fixture.Calls;
using Vmcp.Fixture.Content;

namespace Vmcp.Fixture.Hosting;

/// <summary>Streamable HTTP of 2026-07-28: POST only, nothing kept between requests.</summary>
internal sealed class ModernEndpoint(FixtureServer server, bool plainJson, CancellationToken stopping)
{
    private const string ServerInfoKey = "io.modelcontextprotocol/serverInfo";
    private const string SubscriptionKey = "io.modelcontextprotocol/subscriptionId";

    private static readonly string[] Cacheable =
        ["server/discover", "tools/list", "prompts/list", "resources/list", "resources/templates/list", "resources/read"];

    private readonly RequestState _state = new();

    /// <summary>Whether a request names a revision without a handshake; revisions compare as text.</summary>
    public static bool IsModern(HttpContext context) =>
        string.CompareOrdinal(context.Request.Headers[ModernRequest.VersionHeader].ToString(), ModernRequest.Version) >= 0;

    public async Task HandleAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            context.Response.Headers.Allow = "POST";
            return;
        }

        if (await context.ReadMessageAsync() is not { } message)
            return;
        string? method = message["method"].Text();
        if (method is null)
        {
            // A modern client has nothing to respond to.
            RpcException error = new(RpcException.InvalidRequest, "Not a request");
            await context.WriteJsonAsync(StatusCodes.Status400BadRequest, Rpc.Error(null, error));
            return;
        }

        if (message["id"] is not { } id)
        {
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            return;
        }

        try
        {
            await AnswerAsync(context, method, id, message["params"] as JsonObject ?? []);
        }
        catch (RpcException error)
        {
            await context.WriteJsonAsync(error.Status, Rpc.Error(id, error));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Closing the response is how a modern client cancels.
        }
    }

    private async Task AnswerAsync(HttpContext context, string method, JsonNode id, JsonObject parameters)
    {
        // A handshake comes without the modern headers; what it must learn is that the method is gone.
        if (method == "initialize")
            throw RpcException.UnknownMethod(method);
        JsonObject capabilities = ModernRequest.Check(context.Request.Headers, method, parameters, server);
        if (method == "subscriptions/listen")
        {
            await ListenAsync(context, id, parameters["notifications"] as JsonObject ?? []);
            return;
        }

        EventStream stream = new("call");
        ModernCaller caller = new(stream, _state, $"{method} {parameters["name"].Text()}", parameters)
        {
            Capabilities = capabilities,
            ProgressToken = parameters["_meta"]?["progressToken"]?.DeepClone(),
            Cancelled = context.RequestAborted,
        };
        int status = StatusCodes.Status200OK;
        Task run = RunAsync();
        try
        {
            await context.WriteCallAsync(stream, plainJson, withIds: false, priming: null, _ => status);
        }
        finally
        {
            await run;
        }

        async Task RunAsync()
        {
            try
            {
                stream.Append(Rpc.Result(id, await ResultAsync(method, parameters, caller)));
            }
            catch (OperationCanceledException)
            {
                // The client is gone: there is nobody to answer.
            }
            catch (Exception error)
            {
                RpcException answer = RpcException.Of(error);
                status = answer.Status;
                stream.Append(Rpc.Error(id, answer));
            }
            finally
            {
                stream.Complete();
            }
        }
    }

    private async Task<JsonObject> ResultAsync(string method, JsonObject parameters, ModernCaller caller)
    {
        JsonObject result;
        try
        {
            result = method == "server/discover" ? Discover() : await server.AnswerAsync(method, parameters, caller);
        }
        catch (InputRequiredException open)
        {
            result = open.ToResult();
        }
        catch (MissingCapabilityException missing)
        {
            JsonObject data = new() { ["requiredCapabilities"] = missing.Required.DeepClone() };
            throw new RpcException(RpcException.MissingCapability, missing.Message, data, StatusCodes.Status400BadRequest);
        }

        result["resultType"] ??= "complete";
        result["_meta"] = new JsonObject { [ServerInfoKey] = FixtureServer.Info() };
        if (Cacheable.Contains(method))
        {
            result["ttlMs"] = 60_000;
            result["cacheScope"] = "public";
        }

        return result;
    }

    private static JsonObject Discover() => new()
    {
        ["supportedVersions"] = new JsonArray(ModernRequest.Version),
        ["capabilities"] = FixtureServer.Capabilities(modern: true),
        ["instructions"] = "A server for tests of MCP clients and gateways.",
    };

    private async Task ListenAsync(HttpContext context, JsonNode id, JsonObject wanted)
    {
        EventStream stream = new("listen");
        HashSet<string> uris = [.. (wanted["resourceSubscriptions"] as JsonArray ?? []).Select(uri => uri.Text() ?? "")];
        stream.Append(Rpc.Notification("notifications/subscriptions/acknowledged", new JsonObject
        {
            ["notifications"] = wanted.DeepClone(),
            ["_meta"] = Tag(),
        }));
        using IDisposable listening = server.Changes.Listen(change =>
        {
            if (!Wants(wanted, uris, change))
                return;
            JsonObject parameters = change.Params();
            parameters["_meta"] = Tag();
            stream.Append(Rpc.Notification(change.Method, parameters));
        });
        using CancellationTokenRegistration ending = stopping.Register(() =>
        {
            stream.Append(Rpc.Result(id, new JsonObject { ["resultType"] = "complete", ["_meta"] = Tag() }));
            stream.Complete();
        });
        await context.WriteCallAsync(stream, plainJson: false, withIds: false, priming: null, _ => StatusCodes.Status200OK);

        JsonObject Tag() => new() { [SubscriptionKey] = id.DeepClone() };
    }

    private static bool Wants(JsonObject wanted, HashSet<string> uris, Change change) => change.Method switch
    {
        Change.Tools => IsTrue(wanted["toolsListChanged"]),
        Change.Prompts => IsTrue(wanted["promptsListChanged"]),
        Change.Resources => IsTrue(wanted["resourcesListChanged"]),
        _ => change.Uri is not null && uris.Contains(change.Uri),
    };

    private static bool IsTrue(JsonNode? node) => node is JsonValue value && value.TryGetValue(out bool isTrue) && isTrue;
}
