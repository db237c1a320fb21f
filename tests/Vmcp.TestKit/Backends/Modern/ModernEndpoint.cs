using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Vmcp.TestKit;

/// <summary>The stateless POST-only transport of 2026-07-28.</summary>
internal sealed class ModernEndpoint(ScriptedBackend backend) : EraEndpoint(backend)
{
    private const string TasksExtension = "io.modelcontextprotocol/tasks";

    private readonly ModernSubscriptions _subscriptions = new();
    private readonly InputStates _states = new();
    private readonly ServerTasks _tasks = new();

    public override int OpenSessions => 0;

    public override IEnumerable<Outbox> OpenBoxes => _subscriptions.Boxes;

    public override int Broadcast(Broadcast message) => _subscriptions.Send(message);

    public override void ForgetSessions() => _tasks.CancelAll();

    public override void EndSubscriptions() => _subscriptions.EndAll();

    public override async Task ServeAsync(HttpContext http, RecordedRequest request, RpcMessage? message, CancellationToken ended)
    {
        if (request.SessionId is not null)
            Backend.Fault($"{request}: Mcp-Session-Id was sent to a modern server");
        if (request.Verb != "POST")
        {
            http.Response.StatusCode = 405;
            http.Response.Headers.Allow = "POST";
            return;
        }

        if (!await HasProperMediaTypesAsync(http, request))
            return;
        if (message?.Method is null)
        {
            Backend.Fault($"{request}: not a request or notification");
            await RefuseAsync(http, 400, message is null ? -32700 : -32600, "Invalid Request");
            return;
        }

        if (ModernRules.Check(request, message, Script.Revision, (name, audience) => Backend.Items.Find(ItemKind.Tools, name, audience)) is { } refusal)
        {
            if (message.Method is not ("server/discover" or "initialize"))
                Backend.Fault($"{request}: {refusal.Message}");
            await RefuseAsync(http, refusal.Status, refusal.Code, refusal.Message, message.IdRaw, refusal.DataJson);
            return;
        }

        if (message.IsNotification)
            http.Response.StatusCode = 202;
        else if (message.Method == "subscriptions/listen")
            await ListenAsync(http, message, ended);
        else
            await AnswerAsync(http, request, message, ended);
    }

    private async Task ListenAsync(HttpContext http, RpcMessage message, CancellationToken ended)
    {
        Outbox box = NewOutbox();
        _subscriptions.Open(box, message);
        try
        {
            BeginStream(http);
            await FollowAsync(http, box, 0, ended);
        }
        finally
        {
            _subscriptions.Close(box);
        }
    }

    private async Task AnswerAsync(HttpContext http, RecordedRequest request, RpcMessage message, CancellationToken ended)
    {
        JsonElement capabilities = ModernRules.Meta(message, "clientCapabilities");
        if (!IsKnown(message.Method!))
        {
            await RefuseAsync(http, 404, -32601, $"Method not found: {message.Method}", message.IdRaw);
            return;
        }

        Outbox box = NewOutbox();
        Refusal? refusal = null;
        Backend.Track(RunAsync());
        try
        {
            // The status is open until the first message, so wait for it before the headers go out.
            string? first = await box.AtAsync(0, ended);
            if (refusal is not null)
                await RefuseAsync(http, refusal.Status, refusal.Code, refusal.Message, message.IdRaw, refusal.DataJson);
            else if (first is not null && Script.Answers == AnswerAs.Json && box.EndsAt(0))
                await WriteJsonAsync(http, 200, first, ended);
            else
            {
                BeginStream(http);
                await FollowAsync(http, box, 0, ended);
            }
        }
        catch (OperationCanceledException)
        {
            CancelledIds.Enqueue(message.IdRaw!);
            throw;
        }

        async Task RunAsync()
        {
            try
            {
                box.Finish(await RunCallAsync(request, message, capabilities, box, ended));
            }
            catch (CapabilityMissingException e)
            {
                refusal = new Refusal(400, -32021, e.Message, $$$$"""{"requiredCapabilities":{"{{{{e.Capability}}}}":{}}}""");
                box.Finish();
            }
        }
    }

    private bool IsKnown(string method) =>
        method is "server/discover" or "tasks/get" or "tasks/update" or "tasks/cancel" || Backend.Methods.Knows(method);

    private async Task<string?> RunCallAsync(
        RecordedRequest request, RpcMessage message, JsonElement capabilities, Outbox box, CancellationToken ended)
    {
        ModernPeer? peer = null;
        var context = new CallContext(message, request.Headers, capabilities, new ModernPeer(box, message with { Params = default }, _states), ended);
        try
        {
            return await RunAsync(context, async () =>
            {
                peer = new ModernPeer(box, message, _states);
                context = context with { Peer = peer };
                return await ResultAsync(context);
            });
        }
        catch (InputRequiredException e)
        {
            return Rpc.Result(message.IdRaw!, peer!.InputRequired(e.Questions, message, _states));
        }
    }

    private async Task<string> ResultAsync(CallContext context)
    {
        string method = context.Message.Method!;
        (string, string) complete = ("resultType", "\"complete\"");
        (string, string) server = ("_meta", $$"""{"io.modelcontextprotocol/serverInfo":{{Script.ServerInfoJson}}}""");
        (string, string) ttl = ("ttlMs", Script.TtlMs.ToString(System.Globalization.CultureInfo.InvariantCulture));
        (string, string) scope = ("cacheScope", Rpc.Quote(Script.CacheScope));
        if (method.StartsWith("tasks/", StringComparison.Ordinal))
            return Rpc.Prepend(TaskResult(method, context), complete, server);
        if (AsTask(context) is { } started)
            return Rpc.Prepend(started, server);
        string result = method == "server/discover" ? Discovered() : await Backend.Methods.RunAsync(context);
        return MethodTable.IsList(method) || method is "resources/read" or "server/discover"
            ? Rpc.Prepend(result, complete, ttl, scope, server)
            : Rpc.Prepend(result, complete, server);
    }

    private string Discovered()
    {
        string instructions = Script.Instructions is { } text ? $",\"instructions\":{Rpc.Quote(text)}" : "";
        return $$"""{"supportedVersions":["{{Script.Revision}}"],"capabilities":{{Backend.CapabilitiesJson}}{{instructions}}}""";
    }

    private string? AsTask(CallContext context)
    {
        if (context.Message.Method != "tools/call"
            || !context.Capabilities.TryGetProperty("extensions", out JsonElement extensions) || !extensions.TryGetProperty(TasksExtension, out _)
            || Backend.Items.Find(ItemKind.Tools, context.Param("name"), context.Audience) is not { IsTask: true })
            return null;
        ServerTask task = _tasks.Start(
            cancelled => RunTaskAsync(context with { Ended = cancelled, Peer = new ModernPeer(NewOutbox(), context.Message, _states) }),
            Backend.Stopping);
        Backend.Track(task.Answer);
        return Rpc.Prepend(task.Json(modern: true), ("resultType", "\"task\""));
    }

    private async Task<string?> RunTaskAsync(CallContext context)
    {
        try
        {
            return await RunAsync(context, () => Backend.Methods.RunAsync(context));
        }
        catch (Exception e) when (e is CapabilityMissingException or InputRequiredException)
        {
            return Rpc.Error(context.Message.IdRaw, -32603, "A scripted task cannot ask its client");
        }
    }

    private string TaskResult(string method, CallContext context)
    {
        ServerTask task = _tasks.Get(context.Param("taskId"));
        if (method == "tasks/cancel")
            task.Cancel();
        if (method != "tasks/get")
            return "{}";
        string state = task.Json(modern: true);
        return task.Part("result") is { } result ? Rpc.Prepend(state, ("result", result))
            : task.Part("error") is { } error ? Rpc.Prepend(state, ("error", error))
            : state;
    }
}
