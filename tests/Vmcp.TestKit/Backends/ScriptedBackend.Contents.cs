namespace Vmcp.TestKit;

/// <content>Changing what is offered, and telling clients.</content>
public sealed partial class ScriptedBackend
{
    /// <summary>Adds or replaces an item; says nothing to clients.</summary>
    public void Add(BackendItem item) => Items.Put(item);

    /// <summary>Adds or replaces a tool; says nothing to clients.</summary>
    public void AddTool(string name, CallHandler? handler = null, string? rawJson = null) => Add(ItemOf.Tool(name, handler, rawJson));

    /// <summary>Removes a tool; false when there was none.</summary>
    public bool RemoveTool(string name) => Items.Remove(ItemKind.Tools, name);

    /// <summary>Removes a prompt; false when there was none.</summary>
    public bool RemovePrompt(string name) => Items.Remove(ItemKind.Prompts, name);

    /// <summary>Removes a resource; false when there was none.</summary>
    public bool RemoveResource(string uri) => Items.Remove(ItemKind.Resources, uri);

    /// <summary>Removes a template; false when there was none.</summary>
    public bool RemoveTemplate(string uriTemplate) => Items.Remove(ItemKind.Templates, uriTemplate);

    /// <summary>Sends the list_changed of this kind on every open stream; returns how many streams got it.</summary>
    public Task<int> NotifyListChangedAsync(ItemKind kind)
    {
        string part = kind switch
        {
            ItemKind.Tools => "tools",
            ItemKind.Prompts => "prompts",
            _ => "resources",
        };
        return Task.FromResult(_endpoint.Broadcast(new Broadcast($"notifications/{part}/list_changed", "{}", $"{part}ListChanged")));
    }

    /// <summary>Sends notifications/resources/updated to subscribers only; returns how many streams got it.</summary>
    public Task<int> NotifyResourceUpdatedAsync(string uri) => Task.FromResult(_endpoint.Broadcast(
        new Broadcast("notifications/resources/updated", $$"""{"uri":{{Rpc.Quote(uri)}}}""", Uri: uri)));

    /// <summary>Sends notifications/message on every stream whose session wants the level (never in the modern era).</summary>
    public Task<int> LogAsync(string level, string dataJson) => Task.FromResult(_endpoint.Broadcast(
        new Broadcast("notifications/message", $$"""{"level":{{Rpc.Quote(level)}},"data":{{dataJson}}}""", Level: level)));

    /// <summary>Sends any notification on every open legacy stream.</summary>
    public Task<int> NotifyAsync(string method, string paramsJson) =>
        Task.FromResult(_endpoint.Broadcast(new Broadcast(method, paramsJson)));

    /// <summary>Sends an SSE comment, as a keep-alive, on every open stream; returns how many streams got it.</summary>
    public int SendKeepAlive() => _endpoint.OpenBoxes.Count(box => box.Send(SseText.KeepAlive));

    /// <summary>Ends all sessions as a restarted server would: an old id is answered 404.</summary>
    public void ForgetSessions() => _endpoint.ForgetSessions();

    /// <summary>Modern: ends all listen streams gracefully, with their response.</summary>
    public void EndSubscriptions() => _endpoint.EndSubscriptions();
}

/// <summary>A notification to all who want it: by modern filter field, subscription or log level.</summary>
internal sealed record Broadcast(string Method, string ParamsJson, string? Filter = null, string? Uri = null, string? Level = null);
