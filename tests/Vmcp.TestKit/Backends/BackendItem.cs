using System.Text.Json;

namespace Vmcp.TestKit;

/// <summary>The four kinds of things a backend lists.</summary>
public enum ItemKind
{
    /// <summary>tools/list</summary>
    Tools,

    /// <summary>prompts/list</summary>
    Prompts,

    /// <summary>resources/list</summary>
    Resources,

    /// <summary>resources/templates/list</summary>
    Templates,
}

/// <summary>Runs a call and returns the raw JSON of its result.</summary>
public delegate Task<string> CallHandler(ToolCall call);

/// <summary>Who asks for a list: what the client declared and the headers of the asking request.</summary>
public sealed record Audience(JsonElement Capabilities, IReadOnlyDictionary<string, string> Headers);

/// <summary>One listed thing.</summary>
/// <param name="Kind">Which list it is in.</param>
/// <param name="Key">Tool or prompt name, resource URI, or URI template.</param>
/// <param name="RawJson">The element of the list, sent byte for byte.</param>
/// <param name="Handler">Runs the call, the get or the read.</param>
/// <param name="VisibleTo">Who sees and may use it; null means everyone.</param>
/// <param name="IsTask">Whether a tool may run as a task.</param>
public sealed record BackendItem(
    ItemKind Kind, string Key, string RawJson, CallHandler Handler, Func<Audience, bool>? VisibleTo = null, bool IsTask = false)
{
    internal bool IsFor(Audience audience) => VisibleTo?.Invoke(audience) ?? true;
}
