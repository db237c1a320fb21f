using System.Text.Json;

namespace Vmcp.TestKit;

/// <summary>The methods of the legacy eras, apart from how messages travel.</summary>
internal sealed class LegacyDispatch(ScriptedBackend backend, EraEndpoint endpoint)
{
    private static readonly string[] Known = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

    public static bool IsKnownVersion(string version) => Known.Contains(version);

    /// <summary>Answers initialize and fills the session with what was negotiated.</summary>
    public string Initialize(LegacySession session, RpcMessage request)
    {
        string asked = request.Params.ValueKind == JsonValueKind.Object && request.Params.TryGetProperty("protocolVersion", out JsonElement v)
            ? v.ToString() : "";
        string newest = backend.Script.Revision;
        session.Revision = Known.Contains(asked) && string.CompareOrdinal(asked, newest) <= 0 ? asked : newest;
        session.Capabilities = request.Params.TryGetProperty("capabilities", out JsonElement c) ? c : default;
        session.IsInitialized = true;
        string instructions = backend.Script.Instructions is { } text ? $",\"instructions\":{Rpc.Quote(text)}" : "";
        return Rpc.Result(request.IdRaw!, $$"""
            {"protocolVersion":"{{session.Revision}}","capabilities":{{backend.CapabilitiesJson}},
            """ + $"\"serverInfo\":{backend.Script.ServerInfoJson}{instructions}}}");
    }

    /// <summary>Takes a notification or a response.</summary>
    public void Accept(LegacySession session, RpcMessage message)
    {
        if (message.IsResponse)
        {
            if (!session.Answer(message))
                backend.Fault($"a response with id {message.IdRaw} answers no open request");
            return;
        }

        if (message.Method == "notifications/initialized")
            session.SaidInitialized = true;
        if (message.Method == "notifications/cancelled"
            && message.Params.TryGetProperty("requestId", out JsonElement id)
            && session.Running.TryGetValue(id.GetRawText(), out CancellationTokenSource? running))
        {
            endpoint.CancelledIds.Enqueue(id.GetRawText());
            running.Cancel();
        }
    }

    /// <summary>Runs a request; the whole JSON-RPC answer, or null when it was cancelled.</summary>
    public async Task<string?> AnswerAsync(
        LegacySession session, RpcMessage request, IReadOnlyDictionary<string, string> headers, Outbox answer, Outbox questions)
    {
        NoteFaults(session, request);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(backend.Stopping);
        if (!session.Running.TryAdd(request.IdRaw!, cancel))
        {
            backend.Fault($"request id {request.IdRaw} is in use already");
            return Rpc.Error(request.IdRaw, -32600, "Request id is in use");
        }

        try
        {
            var peer = new LegacyPeer(session, answer, questions);
            var context = new CallContext(request, headers, session.Capabilities, peer, cancel.Token);
            return AsTask(session, context) ?? await RunAsync(session, context);
        }
        finally
        {
            session.Running.TryRemove(request.IdRaw!, out _);
        }
    }

    private async Task<string?> RunAsync(LegacySession session, CallContext context)
    {
        RpcMessage request = context.Message;
        try
        {
            return await endpoint.RunAsync(context, async () => backend.Methods.Knows(request.Method!)
                ? await backend.Methods.RunAsync(context)
                : await OwnAsync(session, context));
        }
        catch (CapabilityMissingException e)
        {
            return Rpc.Result(request.IdRaw!, Handlers.ErrorResult(e.Message));
        }
    }

    private static async Task<string> OwnAsync(LegacySession session, CallContext context)
    {
        switch (context.Message.Method)
        {
            case "ping":
                return "{}";
            case "logging/setLevel":
                session.LogLevel = context.Param("level");
                return "{}";
            case "resources/subscribe":
                session.Subscriptions[context.Param("uri")] = 0;
                return "{}";
            case "resources/unsubscribe":
                session.Subscriptions.TryRemove(context.Param("uri"), out _);
                return "{}";
            case "tasks/get":
                return session.Tasks.Get(context.Param("taskId")).Json(modern: false);
            case "tasks/list":
                return $$"""{"tasks":[{{string.Join(',', session.Tasks.All.Select(t => t.Json(modern: false)))}}]}""";
            case "tasks/cancel":
                ServerTask cancelled = session.Tasks.Get(context.Param("taskId"));
                cancelled.Cancel();
                return cancelled.Json(modern: false);
            case "tasks/result":
                ServerTask task = session.Tasks.Get(context.Param("taskId"));
                await task.Answer.WaitAsync(context.Ended);
                string result = task.Part("result") ?? throw new RpcErrorException(-32603, $"Task {task.Id} is {task.Status}");
                return Rpc.Prepend(result,
                    ("_meta", $$$"""{"io.modelcontextprotocol/related-task":{"taskId":{{{Rpc.Quote(task.Id)}}}}}"""));
            default:
                throw new RpcErrorException(-32601, $"Method not found: {context.Message.Method}");
        }
    }

    private string? AsTask(LegacySession session, CallContext context)
    {
        JsonElement parameters = context.Message.Params;
        if (context.Message.Method != "tools/call" || !parameters.TryGetProperty("task", out _) || !parameters.TryGetProperty("name", out JsonElement name)
            || backend.Items.Find(ItemKind.Tools, name.ToString(), context.Audience) is not { IsTask: true })
            return null;
        ServerTask task = session.Tasks.Start(
            cancelled => RunAsync(session, context with
            {
                Ended = cancelled,
                Peer = new LegacyPeer(session, session.Unsolicited, session.Unsolicited),
            }),
            backend.Stopping);
        backend.Track(task.Answer);
        return Rpc.Result(context.Message.IdRaw!, $$"""{"task":{{task.Json(modern: false)}}}""");
    }

    private void NoteFaults(LegacySession session, RpcMessage request)
    {
        if (!session.SaidInitialized && request.Method != "ping" && backend.Script.IssuesSessions)
            backend.Fault($"{request.Method} was sent before notifications/initialized");
        if (request.Meta.ValueKind != JsonValueKind.Object)
            return;
        foreach (JsonProperty property in request.Meta.EnumerateObject())
        {
            if (property.Name.StartsWith("io.modelcontextprotocol/", StringComparison.Ordinal)
                && property.Name != "io.modelcontextprotocol/related-task")
                backend.Fault($"{request.Method} carried the modern _meta key {property.Name}");
        }
    }
}
