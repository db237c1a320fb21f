using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Vmcp.TestKit;

/// <summary>A JSON-RPC error as an exception: thrown by handlers to answer with it, and by waits that were answered with it.</summary>
public sealed class RpcErrorException(int code, string message, string? dataJson = null) : Exception(message)
{
    /// <summary>The JSON-RPC error code.</summary>
    public int Code => code;

    /// <summary>The raw JSON of <c>error.data</c>, null when absent.</summary>
    public string? DataJson => dataJson;
}

/// <summary>A received JSON-RPC message, with the raw text of its parts.</summary>
internal sealed record RpcMessage(string? IdRaw, string? Method, JsonElement Params, JsonElement Whole)
{
    public bool IsRequest => Method is not null && IdRaw is not null;

    public bool IsNotification => Method is not null && IdRaw is null;

    public bool IsResponse => Method is null && IdRaw is not null && (Has("result") || Has("error"));

    public JsonElement Meta => Params.ValueKind == JsonValueKind.Object && Params.TryGetProperty("_meta", out JsonElement meta) ? meta : default;

    /// <summary>Reads a message, or null when the bytes aren't a JSON object.</summary>
    public static RpcMessage? TryParse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8);
            return From(document.RootElement.Clone());
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static RpcMessage? From(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
            return null;
        string? id = root.TryGetProperty("id", out JsonElement i) && i.ValueKind != JsonValueKind.Null ? i.GetRawText() : null;
        string? method = root.TryGetProperty("method", out JsonElement m) && m.ValueKind == JsonValueKind.String ? m.GetString() : null;
        return new RpcMessage(id, method, root.TryGetProperty("params", out JsonElement p) ? p : default, root);
    }

    private bool Has(string name) => Whole.TryGetProperty(name, out _);
}

/// <summary>Builds JSON-RPC text around raw JSON parts, so that no byte of a part changes.</summary>
internal static class Rpc
{
    public static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Result(string idRaw, string resultRaw) => $$"""{"jsonrpc":"2.0","id":{{idRaw}},"result":{{resultRaw}}}""";

    public static string Error(string? idRaw, int code, string message, string? dataRaw = null)
    {
        string data = dataRaw is null ? "" : ",\"data\":" + dataRaw;
        string number = code.ToString(CultureInfo.InvariantCulture);
        return $$$"""{"jsonrpc":"2.0","id":{{{idRaw ?? "null"}}},"error":{"code":{{{number}}},"message":{{{Quote(message)}}}{{{data}}}}}""";
    }

    public static string Notification(string method, string? paramsRaw = null) =>
        $$"""{"jsonrpc":"2.0","method":{{Quote(method)}}{{(paramsRaw is null ? "" : ",\"params\":" + paramsRaw)}}}""";

    public static string Request(string idRaw, string method, string? paramsRaw = null) =>
        $$"""{"jsonrpc":"2.0","id":{{idRaw}},"method":{{Quote(method)}}{{(paramsRaw is null ? "" : ",\"params\":" + paramsRaw)}}}""";

    public static string Quote(string text) => JsonSerializer.Serialize(text, Relaxed);

    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    public static JsonElement Element(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>Puts properties in front of an object's own, leaving the object's bytes alone; ones it already has are skipped.</summary>
    public static string Prepend(string objectRaw, params ReadOnlySpan<(string Name, string ValueRaw)> properties)
    {
        JsonElement own = Element(objectRaw);
        var front = new StringBuilder("{");
        foreach ((string name, string valueRaw) in properties)
        {
            if (own.TryGetProperty(name, out _))
                continue;
            if (front.Length > 1)
                front.Append(',');
            front.Append(Quote(name)).Append(':').Append(valueRaw);
        }

        if (front.Length == 1)
            return objectRaw;
        string rest = objectRaw.TrimStart()[1..];
        return front.Append(rest.TrimStart().StartsWith('}') ? "" : ",").Append(rest).ToString();
    }
}
