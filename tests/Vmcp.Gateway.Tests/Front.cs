using System.Text.Json;
using System.Text.Json.Nodes;

using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests;

/// <summary>A client of either era behind one face, for promises that hold in both.</summary>
public sealed class Front
{
    public Front(LegacyClient legacy) => Legacy = legacy;

    public Front(ModernClient modern) => Modern = modern;

    /// <summary>The Legacy client, null when the era is Modern.</summary>
    public LegacyClient? Legacy { get; }

    /// <summary>The Modern client, null when the era is Legacy.</summary>
    public ModernClient? Modern { get; }

    public bool IsModern => Modern is not null;

    /// <summary>Questions that reached the client.</summary>
    public IReadOnlyList<ReceivedRequest> ReceivedRequests => Modern?.ReceivedRequests ?? Legacy!.ReceivedRequests;

    public Func<string, JsonElement, string?>? OnRequest
    {
        set
        {
            if (Modern is not null)
                Modern.OnRequest = value;
            else
                Legacy!.OnRequest = value;
        }
    }

    public Action<JsonElement>? OnNotification
    {
        set
        {
            if (Modern is not null)
                Modern.OnNotification = value;
            else
                Legacy!.OnNotification = value;
        }
    }

    public Task<IReadOnlyList<string>> ToolsAsync() => ListAsync("tools/list", "tools", "name");

    public Task<IReadOnlyList<string>> ListAsync(string method, string field, string key) =>
        Modern?.ListAsync(method, field, key) ?? Legacy!.ListAsync(method, field, key);

    /// <summary>One request; a Modern client answers rounds of input.</summary>
    public async Task<RpcAnswer> CallAsync(string method, string paramsJson = "{}", string? metaJson = null, CancellationToken cancellationToken = default)
    {
        if (Modern is null)
        {
            if (metaJson is not null)
                paramsJson = paramsJson == "{}" ? $$"""{"_meta":{{metaJson}}}""" : $$"""{"_meta":{{metaJson}},{{paramsJson[1..]}}""";
            return await Legacy!.CallAsync(method, paramsJson, cancellationToken: cancellationToken);
        }

        return (await Modern.SendWithInputAsync(method, paramsJson, e => AddMeta(e, metaJson), cancellationToken)).Final;
    }

    public Task<RpcAnswer> CallToolAsync(string name, string argumentsJson = "{}", string? metaJson = null, CancellationToken cancellationToken = default) =>
        CallAsync("tools/call", $$"""{"name":{{JsonSerializer.Serialize(name)}},"arguments":{{argumentsJson}}}""", metaJson, cancellationToken);

    /// <summary>Echoes a word through a tool.</summary>
    public async Task<string> EchoAsync(string tool, string word) => (await CallToolAsync(tool, $$"""{"input":"{{word}}"}""")).Text();

    private static void AddMeta(ModernEnvelope envelope, string? metaJson)
    {
        if (metaJson is null)
            return;
        foreach ((string key, JsonNode? value) in JsonNode.Parse(metaJson)!.AsObject())
            envelope.Meta![key] = value?.DeepClone();
    }
}
