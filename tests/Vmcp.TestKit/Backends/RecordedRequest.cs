using System.Text;
using System.Text.Json;

namespace Vmcp.TestKit;

/// <summary>One HTTP request as a backend received it.</summary>
/// <param name="Number">1 for the first request of the backend.</param>
/// <param name="Verb">The HTTP verb.</param>
/// <param name="Path">Path and query.</param>
/// <param name="Headers">All headers; several values of one name are joined by ", ". Names are compared without case.</param>
/// <param name="Body">The exact bytes of the body.</param>
/// <param name="Method">The JSON-RPC method; null for a response, for no body, and for a body that isn't JSON-RPC.</param>
/// <param name="IdRaw">The raw JSON text of the JSON-RPC id (<c>7</c>, <c>"a"</c>), null when absent.</param>
public sealed record RecordedRequest(
    int Number, string Verb, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body, string? Method, string? IdRaw)
{
    /// <summary>The body as text.</summary>
    public string BodyText => Encoding.UTF8.GetString(Body);

    /// <summary>The body as JSON.</summary>
    public JsonElement Json => Rpc.Element(BodyText);

    /// <summary><c>params</c> of the body.</summary>
    public JsonElement Params => Json.GetProperty("params");

    /// <summary>The <c>Mcp-Session-Id</c> header, null when absent.</summary>
    public string? SessionId => Header("Mcp-Session-Id");

    /// <summary>A header's value, null when absent.</summary>
    public string? Header(string name) => Headers.TryGetValue(name, out string? value) ? value : null;

    /// <inheritdoc/>
    public override string ToString() => $"#{Number} {Verb} {Path} {Method} id={IdRaw}";
}
