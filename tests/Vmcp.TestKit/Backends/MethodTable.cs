using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Vmcp.TestKit;

/// <summary>What a request is about, apart from how it came in.</summary>
internal sealed record CallContext(
    RpcMessage Message, IReadOnlyDictionary<string, string> Headers, JsonElement Capabilities, ICallPeer Peer, CancellationToken Ended)
{
    public Audience Audience => new(Capabilities, Headers);

    public ToolCall For(string name) => new(Peer, name, Message, Headers, Capabilities, Ended);

    public string Param(string name) =>
        Message.Params.ValueKind == JsonValueKind.Object && Message.Params.TryGetProperty(name, out JsonElement value)
            && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new RpcErrorException(-32602, $"params.{name} is missing");
}

/// <summary>The methods all eras share. Returns the raw result, null for a method it does not know.</summary>
internal sealed class MethodTable(ScriptedBackend backend)
{
    private static readonly Dictionary<string, ItemKind> Lists = new()
    {
        ["tools/list"] = ItemKind.Tools,
        ["prompts/list"] = ItemKind.Prompts,
        ["resources/list"] = ItemKind.Resources,
        ["resources/templates/list"] = ItemKind.Templates,
    };

    public static bool IsList(string method) => Lists.ContainsKey(method);

    /// <summary>Whether the method is known; one that was not advertised is refused and noted as a fault of the caller.</summary>
    public bool Knows(string method)
    {
        if (!Lists.ContainsKey(method) && method is not ("tools/call" or "prompts/get" or "resources/read" or "completion/complete"))
            return false;
        string capability = method[..method.IndexOf('/', StringComparison.Ordinal)].Replace("completion", "completions", StringComparison.Ordinal);
        if (Rpc.Element(backend.CapabilitiesJson).TryGetProperty(capability, out _))
            return true;
        backend.Fault($"{method} was sent though the server did not advertise {capability}");
        return false;
    }

    public Task<string> RunAsync(CallContext context)
    {
        string method = context.Message.Method!;
        return method switch
        {
            "tools/call" => RunItem(context, ItemKind.Tools, "Unknown tool"),
            "prompts/get" => RunItem(context, ItemKind.Prompts, "Unknown prompt"),
            "resources/read" => Read(context),
            "completion/complete" when backend.Script.Completer is { } complete => complete(context.For("")),
            "completion/complete" => Task.FromResult("""{"completion":{"values":[]}}"""),
            _ => Task.FromResult(List(context, method, Lists[method])),
        };
    }

    private Task<string> RunItem(CallContext context, ItemKind kind, string unknown)
    {
        string name = context.Param("name");
        BackendItem item = backend.Items.Find(kind, name, context.Audience) ?? throw new RpcErrorException(-32602, $"{unknown}: {name}");
        return item.Handler(context.For(name));
    }

    private Task<string> Read(CallContext context)
    {
        string uri = context.Param("uri");
        BackendItem? item = backend.Items.Find(ItemKind.Resources, uri, context.Audience) ?? backend.Items.Match(uri, context.Audience);
        int notFound = backend.Script.Era == BackendEra.Modern ? -32602 : -32002;
        return item is null
            ? throw new RpcErrorException(notFound, "Resource not found", $$"""{"uri":{{Rpc.Quote(uri)}}}""")
            : item.Handler(context.For(uri));
    }

    private string List(CallContext context, string method, ItemKind kind)
    {
        IReadOnlyList<BackendItem> all = backend.Items.List(kind, context.Audience);
        string? cursor = context.Message.Params.ValueKind == JsonValueKind.Object
            && context.Message.Params.TryGetProperty("cursor", out JsonElement c) ? c.GetString() : null;
        if (backend.BehaviourFor(method, null) is Behaviour.Endless endless)
            return EndlessPage(kind, endless, cursor);
        int from = 0;
        if (cursor is not null && !TryReadCursor(cursor, out from))
            throw new RpcErrorException(-32602, $"Invalid cursor {cursor}");
        int size = backend.Script.PageSize ?? int.MaxValue;
        string? next = all.Count - from > size ? WriteCursor(from + size) : null;
        return Page(kind, all.Skip(from).Take(size).Select(i => i.RawJson), next);
    }

    private static string EndlessPage(ItemKind kind, Behaviour.Endless endless, string? cursor)
    {
        int page = cursor is not null && TryReadCursor(cursor, out int read) ? read : 0;
        BackendItem item = ItemOf.Tool($"endless_{page}");
        string raw = kind switch
        {
            ItemKind.Tools => item.RawJson,
            ItemKind.Prompts => ItemOf.Prompt($"endless_{page}").RawJson,
            ItemKind.Resources => ItemOf.Resource($"endless://{page}").RawJson,
            _ => ItemOf.Template($"endless://{page}/{{x}}").RawJson,
        };
        return Page(kind, [raw], WriteCursor(endless.SameCursor ? 1 : page + 1));
    }

    private static string Page(ItemKind kind, IEnumerable<string> rawItems, string? nextCursor)
    {
        string name = kind switch
        {
            ItemKind.Tools => "tools",
            ItemKind.Prompts => "prompts",
            ItemKind.Resources => "resources",
            _ => "resourceTemplates",
        };
        string next = nextCursor is null ? "" : $",\"nextCursor\":{Rpc.Quote(nextCursor)}";
        return $$"""{"{{name}}":[{{string.Join(',', rawItems)}}]{{next}}}""";
    }

    private static string WriteCursor(int offset) => Convert.ToBase64String(Encoding.ASCII.GetBytes($"page@{offset}"));

    private static bool TryReadCursor(string cursor, out int offset)
    {
        offset = 0;
        Span<byte> bytes = stackalloc byte[64];
        return cursor.Length <= 64 && Convert.TryFromBase64String(cursor, bytes, out int length)
            && Encoding.ASCII.GetString(bytes[..length]) is var text && text.StartsWith("page@", StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out offset);
    }
}
