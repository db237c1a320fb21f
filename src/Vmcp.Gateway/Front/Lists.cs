using Vmcp.Core.Capabilities;
using Vmcp.Core.Catalogs;
using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Sessions;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Front;

/// <summary>Answers the list methods from the snapshot's ready bytes; no backend is asked.</summary>
internal static class Lists
{
    /// <summary>The kind a list method lists; null for another method.</summary>
    public static CapabilityKind? KindOf(string method) => method switch
    {
        Methods.ToolsList => CapabilityKind.Tools,
        Methods.ResourcesList => CapabilityKind.Resources,
        Methods.ResourceTemplatesList => CapabilityKind.ResourceTemplates,
        Methods.PromptsList => CapabilityKind.Prompts,
        _ => null,
    };

    /// <summary>One page as a JSON-RPC answer.</summary>
    /// <param name="snapshot">The snapshot of this request.</param>
    /// <param name="client">What the client can be asked: it decides what some backends list.</param>
    /// <param name="kind">What to list.</param>
    /// <param name="envelope">The request; its cursor decides the page.</param>
    /// <param name="modernMembers">Members a Modern result has besides, ready text that begins with a comma; empty for Legacy.</param>
    public static byte[] Answer(
        GatewaySnapshot snapshot, ClientCapabilities client, CapabilityKind kind, Envelope envelope, ReadOnlySpan<byte> modernMembers)
    {
        ReadOnlySpan<byte> id = envelope.Bytes(envelope.Id);
        if (snapshot.Settings.FailOnPartialFailure && FailedBackends(snapshot) is { Count: > 0 } failed)
            return JsonRpc.Error(id, JsonRpcCodes.InternalError, $"partialFailureMode is fail and these backends are unavailable: {string.Join(", ", failed)}.");
        string? cursor = envelope.Text(ParamKey.Cursor);
        bool badCursor = envelope.Has(ParamKey.Cursor) && cursor is null;
        if (badCursor || snapshot.CatalogFor(client).List(kind).Page(cursor, kind) is not { } page)
            return JsonRpc.Error(id, JsonRpcCodes.InvalidParams, "invalid cursor");
        ReadOnlySpan<byte> next = page.NextCursor is null ? default : JsonRpc.Join(",\"nextCursor\":"u8, RawJson.Quote(page.NextCursor), default);
        // One copy of the page, into the answer itself: 1,808 → 1,704 bytes for a Modern list of three tools.
        return JsonRpc.Join("{\"jsonrpc\":\"2.0\",\"id\":"u8, id, Opening(kind), page.Items.Span, next, modernMembers, "}}"u8);
    }

    /// <summary>Backends whose items are missing from the lists, sorted.</summary>
    public static List<string> FailedBackends(GatewaySnapshot snapshot) =>
        [.. snapshot.Backends.Values.Where(v => !v.Listed && !IsExcluded(snapshot, v)).Select(v => v.Handle.Backend.Name).Order(StringComparer.Ordinal)];

    private static ReadOnlySpan<byte> Opening(CapabilityKind kind) => kind switch
    {
        CapabilityKind.Tools => ",\"result\":{\"tools\":"u8,
        CapabilityKind.Resources => ",\"result\":{\"resources\":"u8,
        CapabilityKind.ResourceTemplates => ",\"result\":{\"resourceTemplates\":"u8,
        _ => ",\"result\":{\"prompts\":"u8,
    };

    private static bool IsExcluded(GatewaySnapshot snapshot, BackendView view)
    {
        AggregationPolicy policy = snapshot.Settings.Aggregation;
        return policy.ExcludeAllTools
            || (policy.Tools.TryGetValue(view.Handle.Backend.Name, out ToolRules? rules) ? rules.ExcludeAll : policy.DenyByDefault);
    }
}
