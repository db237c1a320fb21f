using System.Text.Json.Nodes;
using Vmcp.Fixture.Calls;
using Vmcp.Fixture.Content;

namespace Vmcp.Fixture.Hosting;

/// <summary>What a legacy session does with a message, whichever transport brought it.</summary>
internal sealed class LegacyCalls(FixtureServer server)
{
    private static readonly string[] Revisions = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

    public LegacySession NewSession() => new(server.Changes);

    /// <summary>Takes a notification or a response; false when it answers nothing that was asked.</summary>
    public static bool Take(LegacySession session, JsonObject message)
    {
        if (!message.ContainsKey("method"))
            return session.Answer(message);
        if (message["method"].Text() == "notifications/cancelled")
            session.Cancel((message["params"] as JsonObject)?["requestId"]);
        return true;
    }

    /// <summary>Runs a request to its end; the answer, or the error, is the last message on the stream. Never throws.</summary>
    public async Task RunAsync(LegacySession session, EventStream stream, JsonObject request)
    {
        JsonNode id = request["id"]!;
        CancellationTokenSource running = session.Begin(id);
        try
        {
            JsonObject parameters = request["params"] as JsonObject ?? [];
            LegacyCaller caller = new(session, stream)
            {
                Capabilities = session.Capabilities,
                ProgressToken = parameters["_meta"]?["progressToken"]?.DeepClone(),
                Cancelled = running.Token,
            };
            JsonObject result = await AnswerAsync(session, request["method"].Text() ?? "", parameters, caller);
            stream.Append(Rpc.Result(id, result));
        }
        catch (OperationCanceledException)
        {
            // A cancelled call is not answered (MCP 2025-11-25, cancellation).
        }
        catch (Exception error)
        {
            stream.Append(Rpc.Error(id, RpcException.Of(error)));
        }
        finally
        {
            session.Done(id);
        }
    }

    private async Task<JsonObject> AnswerAsync(LegacySession session, string method, JsonObject parameters, LegacyCaller caller)
    {
        switch (method)
        {
            case "initialize":
                string wanted = parameters["protocolVersion"].Text() ?? "";
                session.Revision = Revisions.Contains(wanted) ? wanted : Revisions[^1];
                session.Capabilities = parameters["capabilities"]?.DeepClone() as JsonObject ?? [];
                return new JsonObject
                {
                    ["protocolVersion"] = session.Revision,
                    ["capabilities"] = FixtureServer.Capabilities(modern: false),
                    ["serverInfo"] = FixtureServer.Info(),
                    ["instructions"] = "A server for tests of MCP clients and gateways.",
                };
            case "ping":
                return [];
            case "logging/setLevel":
                session.LogLevel = FixtureServer.Required(parameters, "level");
                return [];
            case "resources/subscribe":
                session.Watch(FixtureServer.Required(parameters, "uri"));
                return [];
            case "resources/unsubscribe":
                session.Unwatch(FixtureServer.Required(parameters, "uri"));
                return [];
            default:
                return await server.AnswerAsync(method, parameters, caller);
        }
    }
}
