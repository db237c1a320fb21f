namespace Vmcp.TestKit;

/// <summary>Builds items with the defaults a test needn't care about.</summary>
public static class ItemOf
{
    /// <summary>A tool; echoes without a handler.</summary>
    public static BackendItem Tool(string name, CallHandler? handler = null, string? rawJson = null) => new(
        ItemKind.Tools,
        name,
        rawJson ?? $$"""{"name":{{Rpc.Quote(name)}},"description":{{Rpc.Quote("Tool " + name)}},"inputSchema":{{Handlers.EchoSchema}}}""",
        handler ?? Handlers.Echo);

    /// <summary>A tool that may run as a task (2025-11-25 <c>execution.taskSupport</c>, or the modern tasks extension).</summary>
    public static BackendItem TaskTool(string name, CallHandler handler, string? rawJson = null) => new(
        ItemKind.Tools,
        name,
        rawJson ?? $$$"""{"name":{{{Rpc.Quote(name)}}},"inputSchema":{"type":"object"},"execution":{"taskSupport":"optional"}}""",
        handler,
        IsTask: true);

    /// <summary>A text resource.</summary>
    public static BackendItem Resource(string uri, string text = "text", CallHandler? handler = null, string? rawJson = null) => new(
        ItemKind.Resources,
        uri,
        rawJson ?? $$"""{"uri":{{Rpc.Quote(uri)}},"name":{{Rpc.Quote(uri)}},"mimeType":"text/plain"}""",
        handler ?? (_ => Task.FromResult(Contents(uri, text))));

    /// <summary>A resource template.</summary>
    public static BackendItem Template(string uriTemplate, CallHandler? handler = null, string? rawJson = null) => new(
        ItemKind.Templates,
        uriTemplate,
        rawJson ?? $$"""{"uriTemplate":{{Rpc.Quote(uriTemplate)}},"name":{{Rpc.Quote(uriTemplate)}}}""",
        handler ?? (call => Task.FromResult(Contents(call.Name, call.Name))));

    /// <summary>A prompt.</summary>
    public static BackendItem Prompt(string name, CallHandler? handler = null, string? rawJson = null) => new(
        ItemKind.Prompts,
        name,
        rawJson ?? $$"""{"name":{{Rpc.Quote(name)}},"description":{{Rpc.Quote("Prompt " + name)}}}""",
        handler ?? (_ => Task.FromResult(
            $$$"""{"messages":[{"role":"user","content":{"type":"text","text":{{{Rpc.Quote(name)}}}}}]}""")));

    private static string Contents(string uri, string text) =>
        $$"""{"contents":[{"uri":{{Rpc.Quote(uri)}},"mimeType":"text/plain","text":{{Rpc.Quote(text)}}}]}""";
}
