using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Vmcp.TestKit;

/// <summary>Names and header rules of 2026-07-28.</summary>
public static class ModernWire
{
    /// <summary>The revision.</summary>
    public const string Revision = "2026-07-28";

    /// <summary>The prefix of reserved <c>_meta</c> keys.</summary>
    public const string Prefix = "io.modelcontextprotocol/";

    private const string Begin = "=?base64?";
    private const string End = "?=";

    /// <summary>A value as it goes into <c>Mcp-Name</c> or <c>Mcp-Param-*</c>; base64 where plain text could not survive.</summary>
    public static string Encode(string value)
    {
        bool plain = value.Length > 0 && value.All(c => c is >= ' ' and <= '~') && value.Trim() == value
            && !(value.StartsWith(Begin, StringComparison.OrdinalIgnoreCase) && value.EndsWith(End, StringComparison.Ordinal));
        return plain || value.Length == 0 ? value : Begin + Convert.ToBase64String(Encoding.UTF8.GetBytes(value)) + End;
    }

    /// <summary>The value behind a header; null when its base64 is broken.</summary>
    public static string? Decode(string header)
    {
        if (!header.StartsWith(Begin, StringComparison.OrdinalIgnoreCase) || !header.EndsWith(End, StringComparison.Ordinal))
            return header;
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(header[Begin.Length..^End.Length]));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>What <c>Mcp-Name</c> must say for a request, null when the method has none.</summary>
    public static string? NameOf(string method, JsonElement parameters)
    {
        string? field = method switch
        {
            "tools/call" or "prompts/get" => "name",
            "resources/read" => "uri",
            "tasks/get" or "tasks/update" or "tasks/cancel" => "taskId",
            _ => null,
        };
        return field is not null && parameters.ValueKind == JsonValueKind.Object && parameters.TryGetProperty(field, out JsonElement value)
            && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }

    /// <summary>The <c>Mcp-Param-*</c> names a tool asks for, with the argument text each must carry (null: no header).</summary>
    public static IEnumerable<(string Header, string? Value)> ParamsOf(JsonElement tool, JsonElement arguments) =>
        tool.TryGetProperty("inputSchema", out JsonElement schema) ? Walk(schema, arguments) : [];

    private static IEnumerable<(string Header, string? Value)> Walk(JsonElement schema, JsonElement value)
    {
        if (schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("properties", out JsonElement properties))
            yield break;
        foreach (JsonProperty property in properties.EnumerateObject())
        {
            JsonElement inner = value.ValueKind == JsonValueKind.Object && value.TryGetProperty(property.Name, out JsonElement found) ? found : default;
            if (property.Value.ValueKind == JsonValueKind.Object && property.Value.TryGetProperty("x-mcp-header", out JsonElement header))
                yield return ("Mcp-Param-" + header.GetString(), TextOf(inner));
            foreach ((string Header, string? Value) deeper in Walk(property.Value, inner))
                yield return deeper;
        }
    }

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => value.TryGetInt64(out long whole) ? whole.ToString(CultureInfo.InvariantCulture) : value.GetRawText(),
        _ => null,
    };
}
