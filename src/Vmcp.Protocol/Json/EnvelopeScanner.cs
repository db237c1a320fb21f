using System.Text;
using System.Text.Json;

namespace Vmcp.Protocol.Json;

/// <summary>Why a body is not a message we accept.</summary>
/// <param name="Code">−32700 for text that is not JSON, −32600 for JSON that is no valid message.</param>
/// <param name="Message">What is wrong, in words a caller can act on.</param>
public sealed record EnvelopeProblem(int Code, string Message);

/// <summary>
/// Finds the parts of a message in one pass. Refuses duplicate keys, and keys that differ from a known one only
/// in case, wherever we look: what we route by must be what the backend reads.
/// </summary>
public static class EnvelopeScanner
{
    private static readonly byte[][] TopKeys = Utf8("jsonrpc", "id", "method", "params", "result", "error");

    private static readonly byte[][] ParamKeys = Utf8(
        "name", "uri", "arguments", "_meta", "cursor", "ref", "taskId", "requestState", "inputResponses", "protocolVersion",
        "capabilities", "clientInfo", "level", "requestId", "progressToken", "notifications");

    private static readonly byte[][] MetaKeys = Utf8(
        "progressToken", "io.modelcontextprotocol/protocolVersion", "io.modelcontextprotocol/clientInfo",
        "io.modelcontextprotocol/clientCapabilities", "io.modelcontextprotocol/logLevel");

    /// <summary>Scans a whole body; returns null and the problem when it is not one valid message.</summary>
    public static Envelope? Scan(ReadOnlyMemory<byte> body, out EnvelopeProblem? problem)
    {
        // The reader looks at the bytes of a string only when it is read; what passes through must be text all the same (RFC 8259, 8.1).
        if (!System.Text.Unicode.Utf8.IsValid(body.Span))
            return Refuse(JsonRpcCodes.ParseError, "The body is not valid UTF-8.", out problem);
        Envelope envelope = new() { Body = body };
        try
        {
            Utf8JsonReader reader = new(body.Span, new JsonReaderOptions { MaxDepth = JsonLimits.MaxDepth });
            if (!reader.Read())
                return Refuse(JsonRpcCodes.ParseError, "The body is empty.", out problem);
            if (reader.TokenType == JsonTokenType.StartArray)
                return Refuse(JsonRpcCodes.InvalidRequest, "JSON-RPC batches are not supported; send one message per POST.", out problem);
            if (reader.TokenType != JsonTokenType.StartObject)
                return Refuse(JsonRpcCodes.InvalidRequest, "A JSON-RPC message is an object.", out problem);
            problem = ScanTop(ref reader, envelope);
            if (problem is null && reader.Read())
                return Refuse(JsonRpcCodes.ParseError, "Text follows the JSON-RPC message.", out problem);
            return problem is null ? envelope : null;
        }
        catch (JsonException e)
        {
            return Refuse(JsonRpcCodes.ParseError, $"The body is not valid JSON (byte {e.BytePositionInLine}, line {e.LineNumber + 1}).", out problem);
        }
        catch (InvalidOperationException)
        {
            // Utf8JsonReader.GetString on invalid UTF-8 or a lone surrogate escape.
            return Refuse(JsonRpcCodes.ParseError, "The body holds text that is not valid Unicode.", out problem);
        }
    }

    private static EnvelopeProblem? ScanTop(ref Utf8JsonReader reader, Envelope envelope)
    {
        Span<Range> found = stackalloc Range[6];
        found.Clear();
        bool versionOk = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int key = Match(ref reader, TopKeys, out EnvelopeProblem? problem);
            if (problem is not null)
                return problem;
            if (key >= 0 && found[key].End.Value != 0)
                return Duplicate(TopKeys[key]);
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            JsonTokenType type = reader.TokenType;
            switch (key)
            {
                case 0:
                    versionOk = type == JsonTokenType.String && reader.ValueTextEquals("2.0"u8);
                    break;
                case 1 when type is not (JsonTokenType.String or JsonTokenType.Number):
                    return Invalid("id must be a string or a number.");
                case 1 when type is JsonTokenType.String:
                    RefuseBrokenText(ref reader);
                    break;
                case 2 when type != JsonTokenType.String:
                    return Invalid("method must be a string.");
                case 2:
                    envelope.Method = Methods.Intern(ref reader);
                    break;
                case 3 when type != JsonTokenType.StartObject:
                    return Invalid("params must be an object.");
                case 3:
                    problem = ScanObject(ref reader, ParamKeys, envelope.ParamValues, envelope.MetaValues);
                    if (problem is not null)
                        return problem;
                    break;
                case 5 when type != JsonTokenType.StartObject:
                    return Invalid("error must be an object.");
                default:
                    break;
            }

            if (key != 3)
                reader.Skip();
            if (key >= 0)
                found[key] = start..(int)reader.BytesConsumed;
        }

        envelope.Id = found[1];
        envelope.Params = found[3];
        envelope.Result = found[4];
        envelope.Error = found[5];
        return versionOk ? Classify(envelope) : Invalid("jsonrpc must be \"2.0\".");
    }

    /// <summary>Reads one object whose members land in slots; a member at <see cref="ParamKey.Meta"/> is scanned in turn.</summary>
    private static EnvelopeProblem? ScanObject(ref Utf8JsonReader reader, byte[][] keys, Range[] slots, Range[]? metaSlots)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int key = Match(ref reader, keys, out EnvelopeProblem? problem);
            if (problem is not null)
                return problem;
            if (key >= 0 && slots[key].End.Value != 0)
                return Duplicate(keys[key]);
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            if (metaSlots is not null && key == (int)ParamKey.Meta)
            {
                if (reader.TokenType != JsonTokenType.StartObject)
                    return Invalid("params._meta must be an object.");
                problem = ScanObject(ref reader, MetaKeys, metaSlots, null);
                if (problem is not null)
                    return problem;
            }
            else
            {
                if (key >= 0 && reader.TokenType == JsonTokenType.String)
                    RefuseBrokenText(ref reader);
                reader.Skip();
            }

            if (key >= 0)
                slots[key] = start..(int)reader.BytesConsumed;
        }

        return null;
    }

    /// <summary>Refuses broken Unicode here, not when the text is used. The whole body is UTF-8, so only an escape can be broken.</summary>
    private static void RefuseBrokenText(ref Utf8JsonReader reader)
    {
        if (reader.ValueIsEscaped)
            _ = reader.GetString();
    }

    private static EnvelopeProblem? Classify(Envelope envelope)
    {
        bool id = envelope.Id.End.Value != 0;
        bool answer = envelope.Result.End.Value != 0 || envelope.Error.End.Value != 0;
        if (envelope.Method.Length > 0)
        {
            if (answer)
                return Invalid("A message has a method or a result, not both.");
            envelope.Kind = id ? MessageKind.Request : MessageKind.Notification;
            return null;
        }

        if (!id || !answer)
            return Invalid("A message needs a method, or an id with a result or an error.");
        if (envelope.Result.End.Value != 0 && envelope.Error.End.Value != 0)
            return Invalid("A response has a result or an error, not both.");
        envelope.Kind = MessageKind.Response;
        return null;
    }

    /// <summary>Index of the property name among the known keys, −1 for another name.</summary>
    private static int Match(ref Utf8JsonReader reader, byte[][] keys, out EnvelopeProblem? problem)
    {
        problem = null;
        for (int i = 0; i < keys.Length; i++)
        {
            if (reader.ValueTextEquals(keys[i]))
                return i;
        }

        ReadOnlySpan<byte> name = reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan;
        foreach (byte[] key in keys)
        {
            if (name.Length == key.Length && Ascii.EqualsIgnoreCase(name, key))
            {
                problem = Invalid($"A key differs from \"{Encoding.UTF8.GetString(key)}\" only in upper and lower case.");
                return -1;
            }
        }

        return -1;
    }

    private static EnvelopeProblem Duplicate(byte[] key) => Invalid($"The key \"{Encoding.UTF8.GetString(key)}\" appears twice.");

    private static EnvelopeProblem Invalid(string message) => new(JsonRpcCodes.InvalidRequest, message);

    private static Envelope? Refuse(int code, string message, out EnvelopeProblem? problem)
    {
        problem = new EnvelopeProblem(code, message);
        return null;
    }

    private static byte[][] Utf8(params string[] keys) => [.. keys.Select(Encoding.UTF8.GetBytes)];
}
